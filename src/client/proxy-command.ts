import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { kill } from "node:process";
import { Duplex } from "node:stream";
import { PROXY_COMMAND_FAILED } from "./errors.js";

/** What a proxy command is told about the node: `%h`, `%p` and `%n` in OpenSSH's words. */
export interface ProxyTarget {
  /** Address or name of the node. */
  readonly host: string;
  readonly port: number;
  /** The name as it was given, where `host` was derived from it. */
  readonly name: string;
}

type Pipes = "stdin" | "stdout" | "stderr";

const TOO_MANY_FILES: ReadonlySet<string | undefined> = new Set(["EMFILE", "ENFILE"]);

/** Longest part of the command's stderr that an error repeats. */
const MAX_COMPLAINT_CHARACTERS = 2000;

/**
 * Fills in `%h`, `%p`, `%n` and `%%`.
 * @throws Error where a name holds what a shell could act on: addresses come from a server, and the command is run by a shell
 */
export function expandProxyCommand(command: string, target: ProxyTarget): string {
  for (const name of [target.host, target.name]) {
    if (!/^[A-Za-z0-9_:.][A-Za-z0-9_:.-]*$/.test(name)) {
      throw failure(`the node's name '${name}' cannot be put into a proxy command`);
    }
  }
  const values: Readonly<Record<string, string>> = {
    "%h": target.host,
    "%p": String(target.port),
    "%n": target.name,
    "%%": "%",
  };
  return command.replace(/%[hpn%]/g, (token) => values[token] as string);
}

/**
 * Runs a command whose stdin and stdout are the connection, as OpenSSH's ProxyCommand.
 * @returns a duplex with the few methods of a socket that Node's and undici's clients call
 */
export function openProxyCommand(command: string, target: ProxyTarget): Duplex {
  return new ProxyCommandConnection(expandProxyCommand(command, target));
}

class ProxyCommandConnection extends Duplex {
  readonly connecting = false;
  readonly #child: Omit<ChildProcessWithoutNullStreams, Pipes> & Partial<Pick<ChildProcessWithoutNullStreams, Pipes>>;
  #complaint = "";

  constructor(command: string) {
    super({ allowHalfOpen: true });
    // A group of its own: what the command started, too, ends with the connection.
    this.#child = spawn("/bin/sh", ["-c", `exec ${command}`], { stdio: "pipe", detached: true });
    this.#child.on("error", (error: NodeJS.ErrnoException) => {
      this.destroy(TOO_MANY_FILES.has(error.code) ? error : failure(`the proxy command failed: ${error.message}`));
    });
    const { stdin, stdout, stderr } = this.#child;
    // Where no pipe can be opened there is none, whatever the types say; the error follows.
    if (stdin === undefined || stdout === undefined || stderr === undefined) return;
    stdout.on("data", (chunk) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on("error", (error) => this.destroy(error));
    // A write to a command that ended says EPIPE; how it ended says more.
    stdin.on("error", () => {});
    stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString("utf8")).slice(-MAX_COMPLAINT_CHARACTERS);
    });
    this.#child.on("close", (code, signal) => {
      if (code === 0) this.push(null);
      else
        this.destroy(this.#failure(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`));
    });
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (stdin === undefined || stdin.destroyed) done();
    else stdin.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (stdin === undefined) done();
    else stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#end();
    done(error);
  }

  #end(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      kill(-pid, "SIGTERM");
    } catch {
      // All of the group have ended.
    }
  }

  #failure(reason: string): Error {
    const complaint = this.#complaint.trim();
    return failure(`the proxy command failed: ${reason}${complaint === "" ? "" : `: ${complaint}`}`);
  }

  // What is left of a socket's life where there is none: a pipe has no keep-alive, no delay and no timeout of its own.
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.#child.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    return this;
  }
}

const failure = (message: string) => Object.assign(new Error(message), { code: PROXY_COMMAND_FAILED });
