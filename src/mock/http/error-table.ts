import { ModuleNotFound, TaskNotAbortable, TaskNotFound, WaitTimedOut } from "../domain/errors.js";
import { HttpError } from "./http-error.js";

/** The status for each error of the task manager (rest-api: Errors). */
const STATUS_BY_ERROR = [
  [TaskNotFound, 400],
  [ModuleNotFound, 400],
  [TaskNotAbortable, 403],
  [WaitTimedOut, 408],
] as const;

/** The status of the answer to a request that failed with this error; 500 if the table does not have it. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.statusCode;
  for (const [errorClass, status] of STATUS_BY_ERROR) if (error instanceof errorClass) return status;
  return 500;
}
