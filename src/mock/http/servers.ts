import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How often to try for a port that is free on every address. */
const ATTEMPTS = 20;

/** Servers that listen on one port, each on its own address. */
export interface Listeners {
  readonly port: number;
  /** Stops at once: connections that are kept alive are cut. */
  close(): Promise<void>;
}

/**
 * Listens on every address.
 * @param handlers - by address
 * @param port - 0 for any that is free on all of them
 * @throws Error that names address and port
 */
export async function listen(handlers: ReadonlyMap<string, Handler>, port: number): Promise<Listeners> {
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    let commonPort = port;
    try {
      for (const [address, handler] of handlers) {
        const server = createServer({ keepAliveTimeout: 60_000 }, handler);
        await listenOn(server, address, commonPort);
        servers.push(server);
        commonPort = portOf(server);
      }
      return { port: commonPort, close: () => closeAll(servers) };
    } catch (error) {
      await closeAll(servers);
      const isTakenByChance = port === 0 && servers.length > 0 && codeOf(error) === "EADDRINUSE";
      if (!isTakenByChance || attempt === ATTEMPTS) throw error;
    }
  }
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

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
