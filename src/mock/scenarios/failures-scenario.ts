import {
  backup,
  compactionGroup,
  keyspaceCompaction,
  keyspaceRepair,
  nodeOperation,
  type PlanOptions,
  restore,
} from "./catalogue.js";
import type { Keyspace, Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;

/** Names that the server accepts but that are hard to show: wide and combining characters, quotes, characters of paths and URLs. */
const KEYSPACES: readonly Keyspace[] = [
  { name: "shop", tables: ["orders", "customers"] },
  { name: "ключи", tables: ["данные", "журнал"] },
  { name: "在庫管理", tables: ["注文履歴", "商品"] },
  { name: "e\u0301te\u0301", tables: ["🚚 livraisons", "👩‍👩‍👧 clients"] },
  { name: 'a/b?c=d&e #"f"', tables: ["100%", "back\\slash", "tab\there"] },
];

/** Several lines, indented, with quotes of every kind. */
const QUOTES_AND_LINES = [
  "std::runtime_error (repair[7c3f4a52]: 3 out of 256 ranges failed, keyspace=\"shop\", tables={'orders', `customers`}):",
  '\tshard 0: exceptions::mutation_write_timeout_exception (Operation timed out for "shop"."orders")',
  "\tshard 1: std::system_error (error system:28, No space left on device: '/var/lib/scylla/data/shop/orders-8f2c')",
  "",
  "Backtrace:",
  "  0x5f3c1e2",
  "  0x5f3b9aa",
].join("\n");

const OTHER_SCRIPTS =
  "Ошибка: не удалось прочитать файл «данные»\nエラー: ディスクの空き容量がありません（注文履歴）\nخطأ في القرص\nthe disk is full 💾❌ — naïve façade, e\u0301";

/** Would change colours, clear the screen, set the title, ring and overwrite if it were printed as it is. */
const TERMINAL_CONTROLS =
  "\u001b[2J\u001b[31mred\u001b[0m \u001b]0;owned\u0007 bell\u0007 back\bspace \u009b5m tab\tnul\u0000del\u007f\rOVERWRITTEN done\r\nlast line";

/** Would reorder or hide the text next to it. */
const INVISIBLE_CONTROLS =
  "sstable \u202egnp.bd\u202c is corrupt; \u2066isolated\u2069; zero\u200bwidth\u200djoined\u2060; \ufeffmark; line\u2028paragraph\u2029end; lone \ud800 half";

/** Many kilobytes, as when a streaming session reports each range that failed. */
const VERY_LONG = Array.from(
  { length: 400 },
  (_, range) =>
    `streaming range (${range * 7919}, ${(range + 1) * 7919}] of "shop"."orders" from 10.0.0.${range % 250}: stream closed`,
).join("\n");

type Compaction = "major compaction" | "scrub sstables compaction";

/** The child of a compaction for one table, with a group for each of the options. */
function ofTable(table: string, groups: readonly PlanOptions[], type: Compaction = "major compaction"): TaskPlan {
  const groupType = type === "major compaction" ? type : "sstables compaction";
  const children = groups.map((options) => compactionGroup(groupType, { runsSeconds: 20, total: GIB, ...options }));
  return { type, scope: "table", table, children };
}

function onShard(shard: number, tables: readonly TaskPlan[], type: Compaction = "major compaction"): TaskPlan {
  return { type, scope: "shard", shard, children: tables };
}

const failedCompactions: TaskPlan[] = [
  // One group failed, three levels down; the server forgets the other children.
  keyspaceCompaction("major compaction", "shop", {
    afterSeconds: -600,
    children: [
      onShard(0, [ofTable("customers", [{}]), ofTable("orders", [{}, { error: QUOTES_AND_LINES }])]),
      onShard(1, [ofTable("orders", [{ runsSeconds: 12 }]), ofTable("customers", [{ runsSeconds: 12 }])]),
    ],
  }),
  // Every shard failed, each in its own way.
  keyspaceCompaction("major compaction", "在庫管理", {
    afterSeconds: -400,
    children: [
      onShard(0, [ofTable("注文履歴", [{ error: OTHER_SCRIPTS }])]),
      onShard(1, [ofTable("商品", [{ error: TERMINAL_CONTROLS }])]),
    ],
  }),
  // The parent failed, though its children did not.
  {
    ...keyspaceCompaction("cleanup compaction", "ключи", { afterSeconds: -300, runsSeconds: 12 }),
    runsSeconds: 40,
    error: INVISIBLE_CONTROLS,
  },
  // Every table failed.
  keyspaceCompaction("cleanup compaction", "e\u0301te\u0301", { afterSeconds: -250, error: QUOTES_AND_LINES }),
  // Runs on, though one branch has failed.
  keyspaceCompaction("scrub sstables compaction", 'a/b?c=d&e #"f"', {
    afterSeconds: -30,
    children: [
      onShard(
        0,
        [
          ofTable(
            "100%",
            [{ runsSeconds: 5, error: `malformed sstable component 'Data.db'\n${TERMINAL_CONTROLS}` }],
            "scrub sstables compaction",
          ),
          ofTable("back\\slash", [{ runsSeconds: 240, total: 4 * GIB }], "scrub sstables compaction"),
        ],
        "scrub sstables compaction",
      ),
      onShard(
        1,
        [ofTable("tab\there", [{ runsSeconds: 300 }], "scrub sstables compaction")],
        "scrub sstables compaction",
      ),
    ],
  }),
];

const otherFailures: TaskPlan[] = [
  keyspaceRepair("e\u0301te\u0301", {
    afterSeconds: -200,
    runsSeconds: 30,
    error: QUOTES_AND_LINES,
  }),
  keyspaceRepair("shop", {
    runsSeconds: 6,
    everySeconds: 60,
    error: "std::runtime_error (1 out of 768 ranges failed)",
  }),
  nodeOperation("rebuild", 0, { afterSeconds: -500, runsSeconds: 100, error: VERY_LONG }),
  backup("e\u0301te\u0301", 3, {
    afterSeconds: -100,
    runsSeconds: 60,
    error: "std::runtime_error (Access Denied)",
  }),
  restore("download_sstables", "shop", 40, { afterSeconds: -90, runsSeconds: 20, completed: 0, error: VERY_LONG }),
];

/** Failures at several depths, with errors and names that are hard to show. */
export const failuresScenario: Scenario = {
  name: "failures",
  description: "failed branches, and errors and names that are hard to show",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [...failedCompactions, ...otherFailures],
};
