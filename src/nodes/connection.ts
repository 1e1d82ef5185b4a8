import { promises as files } from "node:fs";
import { userInfo } from "node:os";
import { type ConnectOptions, connectOver, RESERVED_HEADERS } from "../client/connect.js";
import type { TlsOptions } from "../client/engine.js";
import { createHttpEngine, loadTls } from "../client/http-engine.js";
import { printMessage } from "../runtime/messages.js";
import { readBoundedFile } from "../runtime/read-bounded.js";
import type { Runtime } from "../runtime/runtime.js";
import { systemReason } from "../strings/error-text.js";
import { UsageError } from "../usage-error.js";
import type { ManyConnections } from "./connect-many.js";
import type { ConnectionOptions } from "./connection-options.js";
import { countInvalidRows } from "./invalid-rows.js";
import { loadMock } from "./load-mock.js";
import type { Connection, Nodes } from "./nodes.js";
import { OneNode } from "./one-node.js";

/** What a command needs beyond a few short connections. */
export interface ConnectionNeeds {
  readonly maxConnections?: number;
  /** Whether the command waits for tasks: then it has its own time limits. */
  readonly isWait?: boolean;
  /** Whether the command also works with a journal: it only reads. */
  readonly looksBack?: boolean;
}

/** The needs of a command that only reads. */
export const lookingBack = (): ConnectionNeeds => ({ looksBack: true });

/**
 * Opens what the options name: nodes, a journal, or an embedded mock server that ends with the connection.
 * @throws UsageError if a file cannot be read, or a token would be sent unencrypted
 */
export async function openConnection(
  runtime: Runtime,
  options: ConnectionOptions,
  needs: ConnectionNeeds = {},
): Promise<Connection> {
  if (options.from !== undefined) {
    const { openJournal } = await import("./journal-nodes.js");
    return await openJournal(runtime, options.from, options, needs.looksBack === true);
  }
  const leftOut = new Set<string>();
  const shared = {
    ...(await readConnectOptions(runtime, options)),
    maxConnections: needs.maxConnections ?? options.concurrency,
    onInvalidRow: countInvalidRows(leftOut),
  };
  const mock = options.mock ? await (await loadMock()).startMock(options.mockOptions, leftOut) : undefined;
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(opened.map((each) => each.close()));
    await mock?.stop();
  };
  try {
    const urls = mock === undefined ? options.urls : mock.urls.slice(0, 1);
    const open = (url: string, name?: string, more: Partial<ConnectOptions> = {}) => {
      guardSecrets(url, shared, options);
      return connectOver(createHttpEngine, { ...shared, ...more, url, name });
    };
    const contact = await open(urls[0] as string);
    opened.push(contact);
    const signal = runtime.interrupt;
    const many = { contact, urls, options, isLong: needs.isWait === true, leftOut, signal, open };
    const keep = ({ nodes, close }: ManyConnections): Nodes => {
      opened.push({ close });
      return nodes;
    };
    const discover = async () => keep(await (await loadConnectMany()).connectCluster(many));
    const nodes = options.allNodes
      ? await discover()
      : urls.length > 1
        ? keep((await loadConnectMany()).connectNamed(many))
        : new OneNode(contact, { signal }, options.maxTasks, leftOut);
    return { nodes, discover, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loaded on demand: most commands query one node. */
const loadConnectMany = () => import("./connect-many.js");

type SharedConnectOptions = Omit<ConnectOptions, "url">;

async function readConnectOptions(runtime: Runtime, options: ConnectionOptions): Promise<SharedConnectOptions> {
  const [token, headers, tls] = await Promise.all([readToken(options), readHeaders(options), readTls(options)]);
  if (options.insecure) {
    await printMessage(runtime, "warning: --insecure: the certificate of the node is not verified");
  }
  return {
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    tls,
    proxyCommand: options.proxyCommand,
    idleTimeoutMs: options.requestTimeoutMs,
    deadlineMs: options.deadlineMs,
    maxResponseBytes: options.maxResponseBytes,
  };
}

/** More than the certificates of all authorities take; reading a device would never end. */
const MOST_BYTES = 10_000_000;

async function readOptionFile(option: string, file: string): Promise<string> {
  try {
    return await readBoundedFile(file, MOST_BYTES);
  } catch (error) {
    throw new UsageError(`option '${option}': cannot read '${file}': ${systemReason(error)}`);
  }
}

/** Like OpenSSH with a private key. A pipe, or a file of another user, is the user's own decision. */
async function readSecretFile(option: string, file: string): Promise<string> {
  const found = await files.stat(file).catch(() => undefined);
  if (found?.isFile() && found.uid === userInfo().uid && (found.mode & 0o077) !== 0) {
    throw new UsageError(`option '${option}': '${file}' can be read by other users: run \`chmod 600 ${file}\``);
  }
  return await readOptionFile(option, file);
}

async function readToken(options: ConnectionOptions): Promise<string | undefined> {
  const text =
    options.tokenFile === undefined ? options.token : await readSecretFile("--token-file <file>", options.tokenFile);
  if (text === undefined) return undefined;
  const token = text.trim();
  // The value is a secret: the message must not repeat it.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("the token is empty or has characters that are not printable ASCII");
  }
  return token;
}

async function readHeaders(options: ConnectionOptions): Promise<Record<string, string>> {
  if (options.headerFile === undefined) return {};
  const headers = new Map<string, string>();
  const text = await readSecretFile("--header-file <file>", options.headerFile);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`${options.headerFile}, line ${index + 1}: this is not a header. Expected \`Name: value\`.`);
    }
    if (RESERVED_HEADERS.has(name.toLowerCase())) {
      throw new UsageError(`${options.headerFile}, line ${index + 1}: the header ${name} is set by tasks itself`);
    }
    headers.set(name.toLowerCase(), value);
  }
  // Not by assignment, which would lose a header called __proto__.
  return Object.fromEntries(headers);
}

async function readTls(options: ConnectionOptions): Promise<TlsOptions> {
  const read = (option: string, file: string | undefined) =>
    file === undefined ? undefined : readOptionFile(`--${option} <file>`, file);
  const [ca, cert, key] = await Promise.all([
    read("ca", options.ca),
    read("cert", options.cert),
    read("key", options.key),
  ]);
  if (ca !== undefined && !ca.includes("-----BEGIN ")) {
    throw new UsageError(`option '--ca <file>': '${options.ca}' has no certificate in PEM format`);
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("options '--cert <file>' and '--key <file>' must be used together");
  }
  if (cert !== undefined) {
    const { createSecureContext } = await loadTls();
    try {
      // With its own certificate authority, Node does not read those of the system, which takes long.
      createSecureContext({ ca: cert, cert, key });
    } catch (error) {
      const { reason = String(error) } = error as { reason?: string };
      throw new UsageError(`options '--cert ${options.cert}', '--key ${options.key}': ${reason}`);
    }
  }
  return { ca, cert, key, insecure: options.insecure };
}

const SECRET_HEADERS = ["authorization", "proxy-authorization", "cookie"];

/** A secret is sent only over TLS or to this machine, unless the user allows it. */
function guardSecrets(url: string, shared: SharedConnectOptions, options: ConnectionOptions): void {
  const { protocol, hostname } = new URL(url);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  if (protocol === "https:" || loopback || options.insecureToken) return;
  if (SECRET_HEADERS.some((name) => shared.headers?.[name] !== undefined)) {
    throw new UsageError(
      `refusing to send the token over plain HTTP to ${url}: use an https URL, or allow it with --insecure-token`,
    );
  }
}
