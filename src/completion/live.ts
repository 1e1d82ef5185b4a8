/** A task, as far as a suggestion tells of it. */
export interface SuggestedTask {
  readonly id: string;
  readonly state: string;
  readonly about: string;
}

/** What a node, or the configuration, has to say. It is asked for once at most; nothing is the answer where it does not answer in time. */
export interface Live {
  contexts(): Promise<readonly string[]>;
  modules(): Promise<readonly string[]>;
  keyspaces(): Promise<readonly string[]>;
  /** Of one keyspace, or of all. */
  tables(keyspace: string | undefined): Promise<readonly string[]>;
  /** Of one module, or of all. */
  tasks(module: string | undefined): Promise<readonly SuggestedTask[]>;
  /** What tasks of one module, or of all, have in a field. */
  valuesOfTasks(field: "type" | "scope" | "entity", module: string | undefined): Promise<readonly string[]>;
  /** Addresses of nodes. */
  nodes(): Promise<readonly string[]>;
  hostIds(): Promise<readonly { readonly id: string; readonly address: string }[]>;
}
