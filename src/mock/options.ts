import { isIPv4 } from "node:net";
import type { JournalLine } from "../journal/journal-line.js";
import { type Clock, SystemClock } from "./domain/clock.js";
import { type Release, releaseOf } from "./releases.js";
import { planReplay, type ReplayPlan } from "./replay/replay-plan.js";
import { builtInScenario } from "./scenarios/built-in.js";
import { checkLimits } from "./scenarios/limits.js";
import type { Scenario } from "./scenarios/scenario.js";
import { readScenarioFile } from "./scenarios/scenario-file.js";

/** Older names for two releases. */
export type GenerationName = "seed" | "current";

/** Options of a mock cluster. All have defaults. */
export interface MockClusterOptions {
  /** Address of the first node; the others have the addresses that follow it. Default `127.0.0.1`. */
  readonly address?: string | undefined;
  /** Port of every node. Default 0: any port that is free on all addresses. */
  readonly port?: number | undefined;
  /** Number of nodes. Default: that of the scenario, mostly 1. */
  readonly nodes?: number | undefined;
  /** Shards per node. Default: that of the scenario, mostly 2. */
  readonly shards?: number | undefined;
  /**
   * The release to behave like: `6.2`, `seed`, `2025.1` and so on, `latest`, or a patch release such as `2025.4.2`.
   * Default `latest`.
   */
  readonly release?: string | undefined;
  /** Another name of the releases `seed` and `latest`. Not together with `release`. */
  readonly generation?: GenerationName | undefined;
  /**
   * Name of a built-in scenario, path of a file (anything that ends in `.yaml`, `.yml` or `.json`, or contains a
   * slash), or a scenario. Default `default`.
   */
  readonly scenario?: string | Scenario | undefined;
  /**
   * Lines of a journal of `tasks record`, in batches, to play instead of a scenario: the recorded events happen again,
   * starting now. Nodes, shards and keyspaces are those of the journal, and by default the release too. Not together
   * with `scenario` or `nodes`.
   */
  readonly replay?: AsyncIterable<readonly JournalLine[]> | undefined;
  /** Serves the test task API of development builds. Default false. */
  readonly testApi?: boolean | undefined;
  /**
   * Serves the control routes: anyone who can reach the mock can then control tasks, nodes and faults. Default false.
   */
  readonly controlApi?: boolean | undefined;
  /** Speed factor: how many times faster than real time everything goes. Default 1. Not together with `clock`. */
  readonly speed?: number | undefined;
  /** Seed of ids and random choices. Default 1. */
  readonly seed?: number | undefined;
  /** The clock to use, such as a `ManualClock`. */
  readonly clock?: Clock | undefined;
}

/** The options, checked and filled in. */
export interface Setup {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly shards: number;
  readonly release: Release;
  readonly scenario: Scenario;
  /** A journal that is played; the scenario then has no tasks. */
  readonly replay: ReplayPlan | undefined;
  readonly testApi: boolean;
  readonly controlApi: boolean;
  readonly seed: number;
  readonly clock: Clock;
}

const MOST_NODES = 1000;
const MOST_SHARDS = 1024;

/** @throws RangeError that names the option, its value and what it takes; or the file, the line and the field */
export async function checkOptions(options: MockClusterOptions): Promise<Setup> {
  const { address = "127.0.0.1", speed = 1 } = options;
  const replay = await replayOf(options);
  const scenario = replay?.scenario ?? (await scenarioOf(options.scenario ?? "default"));
  const nodes = wholeNumber("nodes", replay?.nodes.length ?? options.nodes ?? scenario.nodes ?? 1, 1, MOST_NODES);
  if (!isIPv4(address)) throw invalid("address", address, "an IPv4 address");
  if (!(speed > 0 && speed <= 1e6)) throw invalid("speed", speed, "a number above 0, up to 1000000");
  if (options.clock !== undefined && options.speed !== undefined) {
    throw new RangeError("give either speed or clock, not both: a clock has its own speed");
  }
  const shards = wholeNumber("shards", options.shards ?? replay?.shards ?? scenario.shards ?? 2, 1, MOST_SHARDS);
  checkLimitsOf(options.scenario, scenario, { nodes, shards });
  return {
    addresses: addressesFrom(address, nodes),
    port: wholeNumber("port", options.port ?? 0, 0, 65_535),
    shards,
    release: releaseFrom(options, replay?.release),
    scenario,
    replay,
    testApi: options.testApi ?? false,
    controlApi: options.controlApi ?? false,
    seed: wholeNumber("seed", options.seed ?? 1, 0, 2 ** 32 - 1),
    clock: options.clock ?? new SystemClock({ speed }),
  };
}

async function replayOf({ replay, scenario, nodes }: MockClusterOptions): Promise<ReplayPlan | undefined> {
  if (replay === undefined) return undefined;
  if (scenario !== undefined) throw new RangeError("give either replay or scenario, not both");
  if (nodes !== undefined) throw new RangeError("give either replay or nodes, not both: the journal says how many");
  return await planReplay(replay);
}

/** @param recorded - the release of the journal, used if the options have none */
function releaseFrom({ release, generation }: MockClusterOptions, recorded: string | undefined): Release {
  if (generation === undefined) return releaseOf(release ?? recorded ?? "latest");
  if (generation !== "seed" && generation !== "current") throw invalid("generation", generation, "seed or current");
  if (release !== undefined) throw new RangeError("give either release or generation, not both");
  return releaseOf(generation === "seed" ? "seed" : "latest");
}

async function scenarioOf(wanted: string | Scenario): Promise<Scenario> {
  if (typeof wanted !== "string") return wanted;
  if (!/[/\\]|\.(ya?ml|json)$/i.test(wanted)) return builtInScenario(wanted);
  return readScenarioFile(wanted);
}

/** The size of a scenario depends on the cluster, so checking the file alone is not enough. */
function checkLimitsOf(wanted: string | Scenario | undefined, ...sizes: Parameters<typeof checkLimits>): void {
  try {
    checkLimits(...sizes);
  } catch (error) {
    const source = typeof wanted === "string" ? wanted : "scenario";
    throw new RangeError(`${source}: ${(error as Error).message}`);
  }
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(name, value, `a whole number from ${least} to ${most}`);
}

function invalid(name: string, value: unknown, expected: string): Error {
  return new RangeError(`invalid ${name} '${String(value)}': expected ${expected}`);
}

/** Consecutive addresses from the first one on, without those that end in 0 or 255. */
function addressesFrom(first: string, count: number): string[] {
  if (count === 1) return [first];
  const addresses: string[] = [];
  const bytes = first.split(".").map(Number) as [number, number, number, number];
  let [, , network, host] = bytes;
  while (addresses.length < count && network <= 255) {
    if (addresses.length === 0 || (host > 0 && host < 255))
      addresses.push(`${bytes[0]}.${bytes[1]}.${network}.${host}`);
    host++;
    if (host > 254) {
      host = 1;
      network++;
    }
  }
  if (addresses.length < count) throw invalid("address", first, `one that ${count - 1} others follow in its network`);
  return addresses;
}
