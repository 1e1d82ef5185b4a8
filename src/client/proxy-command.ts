import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { kill } from "node:process";
import { Duplex } from "node:stream";
import { PROXY_COMMAND_FAILED } from "./errors.js";

/** Values for `%h`, `%p` and `%n` of a proxy command. */
export interface ProxyTarget {
  /** Address or name of the node. */
  readonly host: string;
  readonly port: number;
  /** The node as the user named it. */
  readonly name: string;
}

type Pipes = "stdin" | "stdout" | "stderr";

const TOO_MANY_FILES: ReadonlySet<string | undefined> = new Set(["EMFILE", "ENFILE"]);

/** How much of the command's stderr an error quotes. */
const MAX_COMPLAINT_CHARACTERS = 2000;

/**
 * Fills in `%h`, `%p`, `%n` and `%%`.
 * @throws Error if a name has characters that mean something to a shell: names may come from a server, and a shell runs the command
 */
export function expandProxyCommand(command: string, target: ProxyTarget): string {
  for (const name of [target.host, target.name]) {
    if (!/^[A-Za-z0-9_:.][A-Za-z0-9_:.-]*$/.test(name)) {
      throw failure(`the node name '${name}' cannot be used in a proxy command`);
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
 * Runs a command and uses its stdin and stdout as the connection, as OpenSSH's ProxyCommand does.
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
    super();
    // In a process group of its own, so that processes that it starts end with the connection, too.
    this.#child = spawn("/bin/sh", ["-c", `exec ${command}`], { detached: true });
    this.#child.on("error", (error: NodeJS.ErrnoException) => {
      this.destroy(TOO_MANY_FILES.has(error.code) ? error : failure(`the proxy command failed: ${error.message}`));
    });
    const { stdin, stdout, stderr } = this.#child;
    // Despite their types they are undefined if no pipe could be opened; an error event follows.
    if (stdin === undefined || stdout === undefined || stderr === undefined) return;
    stdout.on("data", (chunk) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on("error", (error) => this.destroy(error));
    // Only says EPIPE if the command has ended; its exit code, below, says more.
    stdin.on("error", () => {});
    stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString("utf8")).slice(-MAX_COMPLAINT_CHARACTERS);
    });
    this.#child.on("close", (code, signal) => {
      if (code === 0) this.push(null);
      else
        this.destroy(this.#failure(signal === null ? `it ended with exit code ${code}` : `it was killed by ${signal}`));
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
      // The whole group has ended.
    }
  }

  #failure(reason: string): Error {
    const complaint = this.#complaint.trim();
    return failure(`the proxy command failed: ${reason}${complaint === "" ? "" : `: ${complaint}`}`);
  }

  // The clients call these methods of sockets; a pipe has no keep-alive, delay or timeout.
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
