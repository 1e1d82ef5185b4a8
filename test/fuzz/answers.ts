import type { RawRequest } from "./raw-server.js";

/** Ids of the tasks that the honest server knows. */
export const TASK_ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const CHILD_ID = "0d6c1d7e-1b1a-4f7e-8f43-ad37e1b2b9a1";
const OTHER_ID = "c3b1f1de-57a1-11f0-8e5a-0242ac120002";
/** What the honest server answers to the start of an operation. */
const STARTED_ID = "7a3f1c52-0a6e-4b66-9c70-0f3f5f0c2a11";

const stats = (task_id: string, state: string) => ({
  task_id,
  state,
  type: "major compaction",
  kind: "node",
  scope: "keyspace",
  keyspace: "shop",
  table: "",
  entity: "",
  sequence_number: 3,
  shard: 0,
  start_time: "2026-11-24T08:00:00Z",
  end_time: state === "running" ? "1970-01-01T00:00:00Z" : "2026-11-24T08:00:09Z",
});

const status = (id: string, state: string, more: object = {}) => ({
  id,
  type: "major compaction",
  kind: "node",
  scope: "keyspace",
  state,
  is_abortable: true,
  start_time: "2026-11-24T08:00:00Z",
  end_time: state === "running" ? "1970-01-01T00:00:00Z" : "2026-11-24T08:00:09Z",
  error: state === "failed" ? "std::runtime_error (No space left on device)" : "",
  parent_id: "none",
  sequence_number: 3,
  shard: 0,
  keyspace: "shop",
  table: "",
  entity: "",
  progress_units: "bytes",
  progress_total: 4096,
  progress_completed: state === "running" ? 1024 : 4096,
  ...more,
});

const children = { children_ids: [{ task_id: CHILD_ID, node: "127.0.0.1" }] };

/** What an honest server of one node answers, by path: the seeds that are mutated. Nothing is an empty answer. */
export function honestAnswer({ method, target }: RawRequest, state: string): unknown {
  const path = target.split("?")[0] ?? "";
  if (method === "POST" && /^\/task_manager\/(ttl|user_ttl)/.test(path)) return 0;
  if (method === "POST" && /^\/task_manager\//.test(path)) return undefined;
  if (path.startsWith("/tasks/")) return STARTED_ID;
  if (path === "/task_manager/list_modules") return ["compaction", "repair", "tablets"];
  if (path.startsWith("/task_manager/list_module_tasks/compaction")) {
    return [stats(TASK_ID, state), stats(OTHER_ID, "done")];
  }
  if (path.startsWith("/task_manager/list_module_tasks/")) return [];
  const id = path.split("/").at(-1) ?? "";
  if (path.startsWith("/task_manager/task_status_recursive/")) {
    return [status(id, state, children), status(CHILD_ID, state, { parent_id: id, scope: "shard" })];
  }
  if (path.startsWith("/task_manager/task_status/")) return status(id, state, children);
  if (path.startsWith("/task_manager/wait_task/")) return status(id, state === "running" ? "done" : state, children);
  if (/^\/task_manager\/(ttl|user_ttl)/.test(path)) return 3600;
  if (path.startsWith("/gossiper/endpoint/live")) return ["127.0.0.1"];
  if (path.startsWith("/gossiper/endpoint/down")) return [];
  if (path.startsWith("/storage_service/host_id")) return [{ key: "127.0.0.1", value: OTHER_ID }];
  if (path.startsWith("/storage_service/scylla_release_version")) return "2026.1.3-0.20260610.abcdef";
  return { message: "Not found", code: 404 };
}
