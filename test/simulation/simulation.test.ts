import { Readable } from "node:stream";
import { describe, expect, inject, it, vi } from "vitest";
import type { EngineRequest, EngineResponse } from "../../src/client/engine.js";
import { type Breakage, simulatedEngine, World } from "./world.js";

vi.mock("../../src/client/http-engine.js", () => ({
  createHttpEngine: (...options: Parameters<typeof simulatedEngine>) => simulatedEngine(...options),
}));

const { seed, seeds } = inject("simulation");
const HOURS = 3_600_000;
const MOST_TOLD = 40;
/** Of a fault that is made on purpose, in how many worlds it must be found. */
const MOST_WORLDS = 500;

/** A proxy's page, as if the node had said that it knows no such thing. */
function asNodes(response: EngineResponse, { path }: EngineRequest): EngineResponse {
  if (![400, 403, 500, 502, 503].includes(response.status)) return response;
  const message = `std::runtime_error (module ${path} not found)`;
  response.body.on("error", () => {}).resume();
  return { ...response, status: 400, body: Readable.from([Buffer.from(JSON.stringify({ message, code: 400 }))]) };
}

describe("clients, servers and a bad network", () => {
  it(`keep every promise, in ${seeds} worlds`, { timeout: 10 * HOURS }, async () => {
    const broken: string[] = [];
    for (let one = seed; one < seed + seeds && broken.length < MOST_TOLD; one++) {
      const world = await World.make(one);
      const findings = await world.play();
      if (findings.length === 0) continue;
      broken.push(`SIMULATION_SEED=${one} SIMULATION_SEEDS=1 npm run simulate`);
      for (const { client, command, broken: what } of findings) broken.push(`  ${client}: ${what} (tasks ${command})`);
      // With one seed alone, all that happened.
      if (seeds === 1) broken.push(`release ${world.release}`, ...world.history);
    }
    expect(broken).toEqual([]);
  });

  it.each<[string, Breakage, RegExp]>([
    [
      "sends a start again on a connection that was stale",
      ({ send, close }) => ({ send: (request) => send({ ...request, repeatable: true }), close }),
      /was sent \d times to one node/,
    ],
    [
      "sends a start again when its answer was lost",
      ({ send, close }) => ({ send: (request) => send(request).catch(() => send(request)), close }),
      /was sent \d times to one node/,
    ],
    [
      "takes a proxy's error for the node's refusal",
      ({ send, close }) => ({ send: async (request) => asNodes(await send(request), request), close }),
      /presented as the whole|nothing was heard of/,
    ],
  ])("would not, were there a client that %s", { timeout: HOURS }, async (_what, breakage, expected) => {
    const found: string[] = [];
    for (let one = seed; one < seed + MOST_WORLDS && found.length === 0; one++) {
      const world = await World.make(one, breakage);
      const findings = (await world.play()).filter(({ broken }) => expected.test(broken));
      found.push(...findings.map(({ broken }) => broken));
    }
    expect(found).not.toEqual([]);
  });

  it("do the same again with the same seed", async () => {
    const histories: string[][] = [];
    for (const _ of [1, 2]) {
      const world = await World.make(seed);
      await world.play();
      histories.push(world.history);
    }
    expect(histories[0]).toEqual(histories[1]);
  });
});
