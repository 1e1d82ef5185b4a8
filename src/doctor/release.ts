import { parseRelease, type ReleaseTraits, traitsOf } from "../client/release.js";
import { type Finding, note, ok } from "./finding.js";

/** What to know before working with a server of a release (releases: What a client must mind). */
interface Peculiarity {
  readonly holds: (traits: ReleaseTraits) => boolean;
  readonly detail: string;
  readonly advice: string;
}

const PECULIARITIES: readonly Peculiarity[] = [
  {
    holds: ({ statusUnregisters }) => statusUnregisters,
    detail: "the server forgets a finished task once its status or tree has been read",
    advice: "to keep it, read it with `tasks wait ID --timeout 1`",
  },
  {
    holds: ({ hasUserTtl }) => !hasUserTtl,
    detail: "no user-ttl: the ttl also applies to tasks started by users",
    advice: "run `tasks ttl --set 3600` before you start tasks that you want to look up later",
  },
  {
    holds: ({ hasDrain }) => !hasDrain,
    detail: "drain is not supported",
    advice: "",
  },
  {
    holds: ({ statsHaveShardAndTimes }) => !statsHaveShardAndTimes,
    detail: "lists have no shards and times",
    advice: "`tasks status` shows them; --older-than and --newer-than read the status of each task",
  },
  {
    holds: ({ nodeOperationsStayReadable }) => !nodeOperationsStayReadable,
    detail: "finished node operations are kept for the ttl, 0 s by default",
    advice: "run `tasks ttl --set 600` before you start one",
  },
  {
    holds: ({ hasTabletTasks, tabletRepairReadableAfterEnd }) => hasTabletTasks && !tabletRepairReadableAfterEnd,
    detail: "a tablet repair is forgotten when it ends, and a wait cannot tell an aborted one from a successful one",
    advice: "wait for it from its start, or use 2025.4.3 or newer, which keep its outcome",
  },
  {
    holds: ({ hasTabletTasks, tabletRepairProgress }) => hasTabletTasks && !tabletRepairProgress,
    detail: "a tablet repair shows no progress",
    advice: "",
  },
  {
    holds: ({ compactionsKnowTotals }) => !compactionsKnowTotals,
    detail: "the total of a compaction grows while it runs: its percentage is too high, and may go down",
    advice: "",
  },
  {
    holds: ({ countsUnknownProgress }) => countsUnknownProgress,
    detail: "progress 0 of 1 or 1 of 1 may mean that the progress is unknown",
    advice: "",
  },
  {
    holds: ({ closedErrorWhileNodeDies }) => closedErrorWhileNodeDies,
    detail: "for about ten seconds after a node died, requests for cluster tasks fail",
    advice: "`tasks wait` retries by itself (--retry-for)",
  },
  {
    holds: ({ nodeOperationsAreAbortable }) => nodeOperationsAreAbortable,
    detail: "a node operation can be aborted only while it is queued, although it reports is_abortable",
    advice: "",
  },
];

/** The release of a server, and what to know about it: one finding each. */
export function releaseFindings(version: string): Finding[] {
  const release = parseRelease(version);
  const name = release.isKnown
    ? ok("release", version)
    : note("release", `'${version}' is not a known release`, "treated as the newest release");
  const traits = traitsOf(release);
  const peculiar = PECULIARITIES.filter(({ holds }) => holds(traits));
  return [name, ...peculiar.map(({ detail, advice }) => note("release", detail, advice))];
}
