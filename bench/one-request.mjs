// Sends one small request in one of several ways and prints the answer; the case `engines` bundles it.
import { setFlagsFromString } from "node:v8";

const [way, url] = process.argv.slice(2);

const options = {
  origin: new URL(url),
  connectTimeoutMs: 10_000,
  maxConnections: 1,
  keepAlive: true,
};

const request = {
  method: "GET",
  path: "/task_manager/list_modules",
  headers: { accept: "application/json" },
  signal: undefined,
  repeatable: true,
};

const ENGINES = {
  http: async () => (await import("../src/client/http-engine.ts")).createHttpEngine(options),
  undici: async () => (await import("../src/client/undici-engine.ts")).createUndiciEngine(options),
  async client() {
    const { default: Client } = await import("undici/lib/dispatcher/client.js");
    const client = new Client(options.origin.origin);
    return {
      async send({ method, path, headers }) {
        const { default: api } = await import("undici/lib/api/api-request.js");
        return await api.call(client, { method, path, headers });
      },
      close: () => client.destroy(),
    };
  },
};

// Its parser is WebAssembly, which V8 compiles a second time, in the background, and the process waits for that.
if (way.endsWith("-liftoff")) setFlagsFromString("--liftoff-only");
async function main() {
  const engine = await ENGINES[way.replace("-liftoff", "")]();
  const { body } = await engine.send(request);
  let text = "";
  for await (const chunk of body) text += chunk;
  for (const name of JSON.parse(text)) process.stdout.write(`${name}\n`);
  await engine.close();
}

main();
