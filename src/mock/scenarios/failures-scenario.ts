import { keyspaceCompaction, keyspaceRepair, topologyOperation } from "./catalogue.js";
import type { Keyspace, Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;

/** Names that the server takes and that terminals, tables and paths find hard: wide, combining, quoted, with signs of their own. */
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

/** Would colour, clear, retitle, ring and overwrite where it is printed as it is. */
const TERMINAL_CONTROLS =
  "\u001b[2J\u001b[31mred\u001b[0m \u001b]0;owned\u0007 bell\u0007 back\bspace \u009b5m tab\tnul\u0000del\u007f\rOVERWRITTEN done\r\nlast line";

/** Would reorder or hide what stands beside it. */
const INVISIBLE_CONTROLS =
  "sstable \u202egnp.bd\u202c is corrupt; \u2066isolated\u2069; zero\u200bwidth\u200djoined\u2060; \ufeffmark; line\u2028paragraph\u2029end; lone \ud800 half";

/** Many kilobytes, as a failed streaming session reports each of its ranges. */
const VERY_LONG = Array.from(
  { length: 400 },
  (_, range) =>
    `streaming range (${range * 7919}, ${(range + 1) * 7919}] of "shop"."orders" from 10.0.0.${range % 250}: stream closed`,
).join("\n");

function failing(scope: string, error: string, more: Partial<TaskPlan> = {}): TaskPlan {
  return { type: "major compaction", scope, runsSeconds: 20, total: GIB, error, ...more };
}

function working(scope: string, more: Partial<TaskPlan> = {}): TaskPlan {
  return { type: "major compaction", scope, runsSeconds: 15, total: GIB, ...more };
}

const failedCompactions: TaskPlan[] = [
  // Three levels down, on one shard, in one table: what folded elsewhere is gone.
  keyspaceCompaction("major compaction", "shop", {
    afterSeconds: -600,
    children: [
      {
        type: "major compaction",
        scope: "shard",
        shard: 0,
        children: [
          { ...working("table"), table: "customers" },
          {
            type: "major compaction",
            scope: "table",
            table: "orders",
            children: [
              working("compaction group", { entity: "group 0" }),
              failing("compaction group", QUOTES_AND_LINES, { entity: "group 1" }),
            ],
          },
        ],
      },
      { type: "major compaction", scope: "shard", shard: 1, children: [working("table", { each: "table" })] },
    ],
  }),
  // Every shard failed, each in its own way.
  keyspaceCompaction("major compaction", "在庫管理", {
    afterSeconds: -400,
    children: [
      {
        type: "major compaction",
        scope: "shard",
        shard: 0,
        children: [failing("table", OTHER_SCRIPTS, { table: "注文履歴" })],
      },
      {
        type: "major compaction",
        scope: "shard",
        shard: 1,
        children: [failing("table", TERMINAL_CONTROLS, { table: "商品" })],
      },
    ],
  }),
  // The parent failed, though its children did not.
  {
    type: "cleanup compaction",
    scope: "keyspace",
    module: "compaction",
    keyspace: "ключи",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -300,
    runsSeconds: 40,
    error: INVISIBLE_CONTROLS,
    children: [{ type: "cleanup compaction", scope: "shard", each: "shard", runsSeconds: 12, total: GIB }],
  },
  // Runs on, though one branch has failed.
  keyspaceCompaction("scrub sstables compaction", 'a/b?c=d&e #"f"', {
    afterSeconds: -30,
    children: [
      {
        type: "scrub sstables compaction",
        scope: "shard",
        shard: 0,
        children: [
          failing("table", `malformed sstable component 'Data.db'\n${TERMINAL_CONTROLS}`, {
            type: "scrub sstables compaction",
            table: "100%",
            runsSeconds: 5,
          }),
          {
            type: "scrub sstables compaction",
            scope: "table",
            table: "back\\slash",
            entity: "\u001b[1mbold\u001b[0m",
            runsSeconds: 240,
            total: 4 * GIB,
          },
        ],
      },
      {
        type: "scrub sstables compaction",
        scope: "shard",
        shard: 1,
        children: [
          { type: "scrub sstables compaction", scope: "table", table: "tab\there", runsSeconds: 300, total: GIB },
        ],
      },
    ],
  }),
];

const otherFailures: TaskPlan[] = [
  keyspaceRepair("e\u0301te\u0301", {
    table: "🚚 livraisons",
    afterSeconds: -200,
    runsSeconds: 30,
    error: QUOTES_AND_LINES,
  }),
  keyspaceRepair("shop", { runsSeconds: 6, everySeconds: 60, error: "repair: 1 out of 256 ranges failed" }),
  topologyOperation("rebuild", "rebuild", "1f0b6d8e-2c47-4e59-b3a8-90d7f6e5c412", {
    afterSeconds: -500,
    children: [{ type: "rebuild: streaming", scope: "node", each: "node", runsSeconds: 100, error: VERY_LONG }],
  }),
  {
    type: "backup",
    scope: "node",
    module: "snapshot",
    keyspace: "e\u0301te\u0301",
    table: "👩‍👩‍👧 clients",
    entity: "sauvegarde du \u202e10-1-5202",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -100,
    runsSeconds: 60,
    total: 3 * GIB,
    error: "Access Denied",
  },
  {
    type: "download_sstables",
    scope: "node",
    module: "sstables_loader",
    keyspace: "shop",
    table: "orders",
    units: "batches",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -90,
    runsSeconds: 20,
    total: 40,
    completed: 0,
    error: VERY_LONG,
  },
];

/** What fails, and how it says so. */
export const failuresScenario: Scenario = {
  name: "failures",
  description: "failed branches, and errors and names that are hard to show",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [...failedCompactions, ...otherFailures],
};
