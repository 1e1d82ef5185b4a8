/** What a run's exit status says; `docs/exit-codes.md` explains each to users. */
export const EXIT = {
  success: 0,
  /** Bad arguments. */
  usage: 1,
  /** `list --exit-code`: a task matches. */
  matches: 1,
  /** `idle`: something runs. */
  notIdle: 1,
  /** `check`, as plugins of monitors have it: it is 0 where all is well. */
  checkWarning: 1,
  checkCritical: 2,
  /** `check`: not known, wrong arguments too. */
  checkUnknown: 3,
  /** The node cannot be reached, its answer cannot be read, or anything unforeseen. */
  failure: 2,
  /** Some nodes did not answer: what was printed is a part. */
  partial: 3,
  /** The server answered with an error status. */
  httpStatus: 4,
  /** `wait`: the task failed. */
  taskFailed: 123,
  /** `wait`: the timeout ran out first. */
  waitTimeout: 124,
  /** `wait`: the outcome of the task is unknown, or it was suspended. */
  outcomeUnknown: 125,
  /** 128 + SIGHUP: the terminal went away. */
  hungUp: 129,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How `wait` and `--exit-status` exit: 0 only for a task whose server said `done` (nodetool-tasks: wait). */
export const exitCodeOfState = (state: string): ExitCode =>
  state === "done" ? EXIT.success : state === "failed" ? EXIT.taskFailed : EXIT.outcomeUnknown;
