/** What a suggestion shows about a task. */
interface SuggestedTask {
  readonly id: string;
  readonly state: string;
  readonly about: string;
}

/** Values from a node or the configuration. Each is queried at most once; if there is no answer in time, it is empty. */
export interface Live {
  contexts(): Promise<readonly string[]>;
  modules(): Promise<readonly string[]>;
  keyspaces(): Promise<readonly string[]>;
  /** In one keyspace; `undefined`: in all. */
  tables(keyspace: string | undefined): Promise<readonly string[]>;
  /** In one module; `undefined`: in all. */
  tasks(module: string | undefined): Promise<readonly SuggestedTask[]>;
  /** The values of a field of tasks, in one module or in all. */
  valuesOfTasks(field: "type" | "scope" | "entity", module: string | undefined): Promise<readonly string[]>;
  /** Addresses of nodes. */
  nodes(): Promise<readonly string[]>;
  hostIds(): Promise<readonly { readonly id: string; readonly address: string }[]>;
}
