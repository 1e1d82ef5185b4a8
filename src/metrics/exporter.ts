import { isRequestFailure } from "../client/errors.js";
import type { Connection, Nodes, UnansweredNode } from "../nodes/nodes.js";
import { type Poll, poll } from "../nodes/poll.js";
import type { Clock } from "../runtime/clock.js";
import { inParallel } from "../runtime/in-parallel.js";
import { type MetricsForm, metricsText, type Sample } from "./exposition.js";
import { FAMILIES, FAMILIES_OF_NOW, type FamilyName, type PollFamily } from "./families.js";
import { lastStatuses } from "./last-statuses.js";
import { type Labels, SeriesStore } from "./series.js";
import { Tally } from "./tally.js";

export interface ExporterOptions {
  readonly clock: Clock;
  readonly maxSeries: number;
  /** Connects to the nodes. If nobody answers, the next poll tries again. */
  connect(): Promise<Connection>;
}

/** The outcome of a poll. */
export interface PollOutcome {
  /** Whether any node answered. */
  readonly isUp: boolean;
  readonly unanswered: readonly UnansweredNode[];
  readonly seriesLeftOut: number;
  /** Sentences about what else was left out. */
  readonly leftOut: readonly string[];
}

/** Maximum of nodes that are queried concurrently for their datacenter and rack. */
const DATACENTERS_AT_ONCE = 8;

/** Polls the nodes, and writes the last poll as metrics, as often as requested. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #series: SeriesStore;
  readonly #tally: Tally;
  readonly #datacenters = new Map<string, string>();
  #cluster = "";
  #connection: Connection | undefined;
  #errors = 0;
  #ofPoll: Readonly<Record<PollFamily, number>> | undefined;
  readonly #texts = new Map<MetricsForm, Promise<string>>();

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#series = new SeriesStore(options.maxSeries);
    this.#tally = new Tally(this.#series, options.clock.now());
  }

  /** Polls once. @throws what is not a server's answer: a file that cannot be read, an interrupt */
  async poll(): Promise<PollOutcome> {
    const { clock } = this.#options;
    const startedMs = clock.monotonic();
    const { polled, nodes } = await this.#poll();
    const time = { nowMs: clock.now(), monotonicMs: startedMs };
    this.#series.forget(FAMILIES_OF_NOW);
    for (const node of polled.nodes) {
      this.#series.put("scylla_tasks_node_up", { instance: node }, polled.unanswered.has(node) ? 0 : 1, Math.min);
    }
    const vanished = this.#tally.add(polled, time);
    if (nodes !== undefined) {
      const ofCluster = vanished.filter(({ isOfCluster }) => isOfCluster).map(({ id }) => id);
      const statuses = await lastStatuses(nodes, ofCluster);
      const last = new Map(ofCluster.map((id, index) => [id, statuses[index]]));
      for (const { id } of vanished) this.#tally.endVanished(id, last.get(id), time);
      await this.#learnTopology(nodes, polled);
    }
    const unanswered = [...polled.unanswered].map(([node, reason]) => ({ node, reason }));
    const isUp = polled.nodes.some((node) => !polled.unanswered.has(node));
    this.#errors += unanswered.length;
    this.#ofPoll = {
      scylla_tasks_up: isUp ? 1 : 0,
      scylla_tasks_nodes: polled.nodes.length,
      scylla_tasks_nodes_unanswered: unanswered.length,
      scylla_tasks_scrape_errors_total: this.#errors,
      scylla_tasks_scrape_duration_seconds: (clock.monotonic() - startedMs) / 1000,
      scylla_tasks_scrape_timestamp_seconds: clock.now() / 1000,
      scylla_tasks_series_left_out: this.#series.leftOutCount,
      scylla_tasks_statuses_left_out: polled.unlooked,
    };
    this.#texts.clear();
    return { isUp, unanswered, seriesLeftOut: this.#series.leftOutCount, leftOut: [...(nodes?.leftOut ?? [])] };
  }

  /** The metrics of the last poll; the same text until the next. */
  text(form: MetricsForm): Promise<string> {
    let text = this.#texts.get(form);
    if (text === undefined) {
      text = metricsText(new Map(this.#samples()), form);
      this.#texts.set(form, text);
    }
    return text;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #poll(): Promise<{ polled: Poll; nodes: Nodes | undefined }> {
    try {
      this.#connection ??= await this.#options.connect();
      const { nodes } = this.#connection;
      return { polled: await poll(nodes), nodes };
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      // The nodes could not be found, or what answers is not a node: nothing is known about any.
      const known = this.#connection?.nodes.known.map(({ address }) => address) ?? [
        new URL(error.request.origin).hostname,
      ];
      const unanswered = new Map(known.map((node) => [node, error.message]));
      return { polled: { nodes: known, unanswered, tasks: [], unlooked: 0 }, nodes: undefined };
    }
  }

  /** Reads the names of the cluster and of datacenters, until each is known. */
  async #learnTopology({ contact, call, isMany }: Nodes, { nodes, unanswered }: Poll): Promise<void> {
    const orEmpty = async (question: Promise<string>): Promise<string> => {
      try {
        return await question;
      } catch (error) {
        if (!isRequestFailure(error)) throw error;
        return "";
      }
    };
    if (unanswered.size >= nodes.length) return;
    if (this.#cluster === "") this.#cluster = await orEmpty(contact.clusterName(call));
    const unknown = nodes.filter((node) => !this.#datacenters.has(node) && !unanswered.has(node));
    await Promise.all(
      inParallel(unknown, DATACENTERS_AT_ONCE, async (node) => {
        const datacenter = await orEmpty(contact.datacenter(isMany ? node : undefined, call));
        if (datacenter !== "") this.#datacenters.set(node, datacenter);
      }),
    );
  }

  *#samples(): Generator<[FamilyName, Sample[]]> {
    for (const name of Object.keys(FAMILIES) as FamilyName[]) {
      const ofPoll = this.#ofPoll?.[name as PollFamily];
      if (ofPoll !== undefined) yield [name, [{ labels: { cluster: this.#cluster }, value: ofPoll }]];
      else
        yield [
          name,
          [...this.#series.seriesOf(name)].map(({ labels, value }) => ({ labels: this.#withTopology(labels), value })),
        ];
    }
  }

  #withTopology(labels: Labels): Labels {
    return { cluster: this.#cluster, dc: this.#datacenters.get(labels.instance ?? "") ?? "", ...labels };
  }
}
