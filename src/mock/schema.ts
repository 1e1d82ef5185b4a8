import { Random } from "./random.js";
import type { Keyspace, Topology } from "./scenarios/scenario.js";

type Replication = NonNullable<Keyspace["replication"]>;

const TABLETS_OF_A_TABLE = 8;
const ENDPOINT = "s3.example.com";
/** Tokens go from -2^63 to 2^63-1. */
const LOWEST_TOKEN = -(2n ** 63n);
const TOKENS = 2n ** 64n;

/** A keyspace with its tables. */
export class KeyspaceSchema {
  /** Changed by a migration to tablets. */
  replication: Replication;
  /** Tables, views and colocated tables. */
  tables: readonly string[];
  readonly #definition: Keyspace;

  constructor(
    definition: Keyspace,
    private readonly seed: number,
  ) {
    const { views = [], colocated = {}, replication = "vnodes" } = definition;
    this.#definition = definition;
    this.replication = replication;
    this.tables = [...definition.tables, ...views, ...Object.keys(colocated)];
  }

  get name(): string {
    return this.#definition.name;
  }

  get isSystem(): boolean {
    return this.name === "system" || this.name.startsWith("system_");
  }

  /** The number of tablets of each table. */
  get tablets(): number {
    return this.#definition.tablets ?? TABLETS_OF_A_TABLE;
  }

  /** The base table of a colocated table; `undefined` for others. */
  baseOf(table: string): string | undefined {
    const { colocated = {} } = this.#definition;
    return Object.hasOwn(colocated, table) ? colocated[table] : undefined;
  }

  /** @returns whether there was such a table */
  drop(table: string): boolean {
    const wasThere = this.tables.includes(table);
    this.tables = this.tables.filter((name) => name !== table);
    return wasThere;
  }

  hasSnapshot(name: string): boolean {
    return this.#definition.snapshots?.includes(name) ?? false;
  }

  tableId(table: string): string {
    return new Random(this.seed, `table/${this.name}/${table}`).uuid();
  }

  /** The number of the tablet that owns the token. */
  tabletOf(token: bigint): number {
    const offset = BigInt.asIntN(64, token) - LOWEST_TOKEN;
    return Number((offset * BigInt(this.tablets)) / TOKENS);
  }
}

/** The keyspaces of a cluster, and its object storage endpoints. */
export class Schema {
  readonly keyspaces: readonly KeyspaceSchema[];
  readonly #byName: ReadonlyMap<string, KeyspaceSchema>;
  readonly #endpoints: readonly string[];

  constructor(topology: Topology, seed: number) {
    this.keyspaces = topology.keyspaces.map((keyspace) => new KeyspaceSchema(keyspace, seed));
    this.#byName = new Map(this.keyspaces.map((keyspace) => [keyspace.name, keyspace]));
    this.#endpoints = topology.endpoints ?? [ENDPOINT];
  }

  find(keyspace: string): KeyspaceSchema | undefined {
    return this.#byName.get(keyspace);
  }

  /** Whether this object storage endpoint is configured. */
  hasEndpoint(name: string): boolean {
    return this.#endpoints.includes(name);
  }
}
