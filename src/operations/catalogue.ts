import { backup } from "./backup.js";
import { cleanup } from "./cleanup.js";
import { clusterBackup } from "./cluster-backup.js";
import { compaction } from "./compaction.js";
import { decommission } from "./decommission.js";
import { offstrategy } from "./offstrategy.js";
import type { Operation } from "./operation.js";
import { rebuild } from "./rebuild.js";
import { removenode } from "./removenode.js";
import { repair } from "./repair.js";
import { restore } from "./restore.js";
import { scrub } from "./scrub.js";
import { tabletRestore } from "./tablet-restore.js";
import { upgradeSstables } from "./upgrade-sstables.js";

/** All operations, in the order of the help. */
export const OPERATIONS: readonly Operation[] = [
  repair,
  compaction,
  cleanup,
  offstrategy,
  scrub,
  upgradeSstables,
  backup,
  restore,
  clusterBackup,
  tabletRestore,
  rebuild,
  decommission,
  removenode,
];
