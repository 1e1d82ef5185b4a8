import type { FilterOptions } from "./filter.js";

/** Selects tasks by their properties instead of by id. */
export interface Selection {
  readonly module: string;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  readonly filter: FilterOptions;
}
