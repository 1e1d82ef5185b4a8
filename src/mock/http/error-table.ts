import { ModuleNotFound, TaskNotAbortable, TaskNotFound, WaitTimedOut } from "../domain/errors.js";
import { Refusal } from "./refusal.js";

/** The status with which the server answers each of the task manager's errors (rest-api: Errors). */
const STATUS_BY_ERROR = [
  [TaskNotFound, 400],
  [ModuleNotFound, 400],
  [TaskNotAbortable, 403],
  [WaitTimedOut, 408],
] as const;

/** Any other fault inside the server is 500. */
export function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.statusCode;
  for (const [errorClass, status] of STATUS_BY_ERROR) if (error instanceof errorClass) return status;
  return 500;
}
