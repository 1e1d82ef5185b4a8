import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HandDrivenTask, ManualClock, type MockCluster, startMockCluster } from "../../../src/mock/index.js";
import { ask, valueFrom } from "./served.js";

/** A mock of one release, with what probes need to see it as a client does. */
export class Probed {
  constructor(
    readonly cluster: MockCluster,
    readonly clock: ManualClock,
  ) {}

  nodeTask(wishes: Partial<HandDrivenTask> = {}) {
    return this.cluster.create({ module: "repair", type: "repair", scope: "keyspace", ...wishes });
  }

  clusterTask(module: string, type: string, wishes: Partial<HandDrivenTask> = {}) {
    return this.cluster.create({
      module,
      type,
      scope: "cluster",
      kind: "cluster",
      keyspace: "shop",
      table: "t",
      ...wishes,
    });
  }

  /** The status code of a call. */
  async code(request: string): Promise<number> {
    return (await ask(this.cluster, request)).status;
  }

  async message(request: string): Promise<string> {
    return (JSON.parse((await ask(this.cluster, request)).text) as { message: string }).message;
  }

  value<T = Record<string, unknown>>(request: string): Promise<T> {
    return valueFrom<T>(this.cluster, request);
  }

  status(id: string) {
    return this.value(`GET /task_manager/task_status/${id}`);
  }

  list(module: string, query = ""): Promise<Record<string, unknown>[]> {
    return this.value(`GET /task_manager/list_module_tasks/${module}${query}`);
  }

  async lists(module: string, id: string, query = ""): Promise<boolean> {
    return (await this.list(module, query)).some((row) => row.task_id === id);
  }

  /** The answer of a wait; calls `happen` when the wait has begun. */
  async waited(id: string, happen: () => void): Promise<Record<string, unknown>> {
    const answer = ask(this.cluster, `GET /task_manager/wait_task/${id}`);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    while (!this.cluster.requests.some(({ url }) => url.endsWith(`wait_task/${id}`))) await turn();
    await turn();
    happen();
    return JSON.parse((await answer).text) as Record<string, unknown>;
  }

  /** Aborts a task, and advances the clock so that it stops. */
  async abort(id: string): Promise<number> {
    const code = await this.code(`POST /task_manager/abort_task/${id}`);
    this.clock.advance(1_000);
    return code;
  }
}

/** Finds out over HTTP what a cell of the row should be. */
export type Probe = (on: Probed) => Promise<unknown>;

/** A row of docs/server/releases.md: its cells from 6.2 on, and the probe for them. */
export type ReleaseRow = readonly [name: string, cells: readonly unknown[], probe: Probe];

/** As in the column to the left; so are cells that are left out at the end. */
export const _ = undefined;

const RELEASES = ["6.2", "seed", "2025.1", "2025.2", "2025.3", "2025.4", "2026.1", "2026.2", "2026.3", "2026.4"];

function cellOf(cells: readonly unknown[], column: number): unknown {
  return cells[column] === _ ? cellOf(cells, column - 1) : cells[column];
}

/** Probes every row on every release, and cells of patch releases. */
export function probeReleases(
  rows: readonly ReleaseRow[],
  patches: readonly (readonly [release: string, row: string, cell: unknown])[],
): void {
  const served = new Map<string, Probed>();
  const serveRelease = async (release: string): Promise<Probed> => {
    const clock = new ManualClock();
    const probed = new Probed(await startMockCluster({ scenario: "idle", release, clock, nodes: 2 }), clock);
    served.set(release, probed);
    return probed;
  };

  afterAll(() => Promise.all([...served.values()].map(({ cluster }) => cluster.stop())));

  describe.each(RELEASES.map((release, column) => ({ release, column })))("$release", ({ release, column }) => {
    let on: Probed;
    beforeAll(async () => {
      on = await serveRelease(release);
    });

    it.each(rows)("%s", async (_name, cells, probe) => {
      expect(await probe(on)).toEqual(cellOf(cells, column));
    });
  });

  describe("a patch release", () => {
    it.each(patches)("%s, %s: %j", async (release, name, cell) => {
      const [, , probe] = rows.find(([row]) => row === name) ?? [];
      expect(await probe?.(served.get(release) ?? (await serveRelease(release)))).toEqual(cell);
    });
  });
}
