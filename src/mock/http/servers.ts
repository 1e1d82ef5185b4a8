import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** Answers requests. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How many ports to try until one is free on all addresses. */
const ATTEMPTS = 20;

/** Servers that listen on one port, each on its own address. */
export interface Listeners {
  readonly port: number;
  /** Closes this address and all its connections; new ones are refused. */
  shut(address: string): Promise<void>;
  /**
   * Listens at this address again.
   * @throws Error if another process has taken the port
   */
  reopen(address: string): Promise<void>;
  /** Closes all addresses and connections at once. */
  close(): Promise<void>;
}

/**
 * Listens on every address, all with the same port.
 * @param handlers - by address
 * @param port - 0 for any that is free on all addresses
 * @throws Error that names address and port
 */
export async function listen(handlers: ReadonlyMap<string, Handler>, port: number): Promise<Listeners> {
  for (let attempt = 1; ; attempt++) {
    const servers = new Map<string, Server>();
    let commonPort = port;
    try {
      for (const [address, handler] of handlers) {
        const server = await open(address, commonPort, handler);
        servers.set(address, server);
        commonPort = portOf(server);
      }
      return listenersOf(handlers, servers, commonPort);
    } catch (error) {
      await Promise.all([...servers.values()].map(cut));
      const isTakenByChance = port === 0 && servers.size > 0 && codeOf(error) === "EADDRINUSE";
      if (!isTakenByChance || attempt === ATTEMPTS) throw error;
    }
  }
}

function listenersOf(handlers: ReadonlyMap<string, Handler>, servers: Map<string, Server>, port: number): Listeners {
  return {
    port,
    shut: async (address) => {
      const server = servers.get(address);
      servers.delete(address);
      if (server !== undefined) await cut(server);
    },
    reopen: async (address) => {
      const handler = handlers.get(address);
      if (handler === undefined || servers.has(address)) return;
      servers.set(address, await open(address, port, handler));
    },
    close: async () => {
      const open = [...servers.values()];
      servers.clear();
      await Promise.all(open.map(cut));
    },
  };
}

async function open(address: string, port: number, handler: Handler): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, handler);
  await listenOn(server, address, port);
  return server;
}

function listenOn(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        Object.assign(new Error(`cannot listen on ${address}:${port}: ${reasonOf(error)}`), { code: codeOf(error) }),
      );
    });
    server.listen(port, address, resolve);
  });
}

function reasonOf(error: Error): string {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return "the port is in use";
    case "EADDRNOTAVAIL":
      return "the machine does not have this address";
    case "EACCES":
      return "permission denied";
    default:
      return error.message;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

function cut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
