import { describe, expect, test } from "vitest";
import {
  isAborted,
  isSameId,
  MAX_DEPTH,
  parentOf,
  readBoolean,
  readHostId,
  readId,
  readInteger,
  readIntegers,
  readName,
  readNewTaskId,
  readRepairState,
  readString,
  readStrings,
  readTableName,
  readTabletMigration,
  readTabletTaskId,
  readTaskStats,
  readTaskStatus,
  STATS_FIELD_NAMES,
  STATUS_FIELD_NAMES,
  timeOf,
  UnusableNameError,
  WireError,
} from "../../src/client/wire.js";
import { NIL_UUID } from "../../src/vocabulary.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const ELEMENT = () => "element 3";

/** The message about a wrong value; quoted text is in capitals. */
function faultOf(read: () => unknown): string {
  try {
    return `none: ${JSON.stringify(read())}`;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    expect(error.message).toBe(`${error.where} should be ${error.expected}`);
    return error.describe((text) => text.toUpperCase());
  }
}

/** Objects within objects. */
function nested(levels: number): unknown {
  let value: unknown = "inmost";
  for (let level = 0; level < levels; level++) value = { inner: value };
  return value;
}

describe("a task of a list", () => {
  test("keeps its fields, and drops those that are null", () => {
    const sent = { task_id: ID, type: null, shard: 0, keyspace: "", novelty: null, more: { a: [1] } };
    expect(readTaskStats(sent)).toEqual({ task_id: ID, shard: 0, keyspace: "", novelty: null, more: { a: [1] } });
    expect(readTaskStats(sent)).not.toHaveProperty("type");
  });

  test.each<[unknown, string]>([
    [5, "the task should be an object, not the number 5"],
    [null, "the task should be an object, not null"],
    [[], "the task should be an object, not an array"],
    ["word", 'the task should be an object, not the string "WORD"'],
    [true, "the task should be an object, not the boolean true"],
    [{ type: {} }, "type of the task should be a string, not an object"],
    [{ shard: "0" }, 'shard of the task should be a number, not the string "0"'],
    [{ shard: Number.POSITIVE_INFINITY }, "shard of the task should be a finite number, not the number Infinity"],
    [{ shard: Number.NEGATIVE_INFINITY }, "shard of the task should be a finite number, not the number -Infinity"],
  ])("%j is none", (value, fault) => {
    expect(faultOf(() => readTaskStats(value))).toBe(fault);
  });

  test("is named in errors by its place in the answer", () => {
    expect(faultOf(() => readTaskStats(5, ELEMENT))).toBe("element 3 should be an object, not the number 5");
    expect(faultOf(() => readTaskStats({ type: 5 }, ELEMENT))).toBe(
      "type of element 3 should be a string, not the number 5",
    );
    expect(faultOf(() => readTaskStats({ task_id: "-" }, ELEMENT))).toBe(
      'task_id of element 3 should be an id (letters, digits, - and _, at most 128 characters), not the string "-"',
    );
  });

  test.each(["--all", "shop -x", "shop\t--all"])("is refused if a name is %j", (name) => {
    const form = `should be a name (without words that begin with -), not the string "${name.toUpperCase()}"`;
    expect(faultOf(() => readTaskStats({ keyspace: name }))).toBe(`keyspace of the task ${form}`);
    expect(faultOf(() => readTaskStats({ table: name }, ELEMENT))).toBe(`table of element 3 ${form}`);
    expect(() => readTaskStats({ keyspace: name })).toThrow(UnusableNameError);
    expect(() => readTaskStats({ table: name })).toThrow(UnusableNameError);
  });

  test("may have dashes in its names, and a field named as a property of Object", () => {
    const stats = { keyspace: "a-b", table: "c- d", constructor: 5, toString: "x" };
    expect(faultOf(() => readTaskStats(stats))).toBe(`none: ${JSON.stringify(stats)}`);
  });

  test(`has values that are nested at most ${MAX_DEPTH} levels deep`, () => {
    // The task itself is the first level.
    expect(faultOf(() => readTaskStats({ more: nested(MAX_DEPTH - 1) }))).toMatch(/^none: /);
    expect(faultOf(() => readTaskStats({ more: nested(MAX_DEPTH) }))).toBe(
      "the task should be nested at most 64 levels deep, not an object",
    );
    expect(faultOf(() => readTaskStats({ more: [null, "x", nested(MAX_DEPTH)] }))).toContain("nested at most");
  });
});

describe("a status", () => {
  test("keeps what it has, and loses what is null", () => {
    const sent = { id: ID, is_abortable: false, error: null, children_ids: null, novelty: null };
    const status = readTaskStatus(sent);
    expect(status).toEqual({ id: ID, is_abortable: false, novelty: null });
    expect(Object.keys(status)).toEqual(["id", "is_abortable", "novelty"]);
    expect(Object.keys(readTaskStatus({}))).toEqual([]);
  });

  test("has children by reference, and from older servers by id", () => {
    const children_ids = [{ task_id: ID, node: "10.0.0.1" }, { task_id: ID }, { node: "10.0.0.2" }, ID];
    expect(readTaskStatus({ children_ids }).children_ids).toEqual([
      { task_id: ID, node: "10.0.0.1" },
      { task_id: ID, node: "" },
      { task_id: "", node: "10.0.0.2" },
      { task_id: ID, node: "" },
    ]);
  });

  const FORM = "should be an id (letters, digits, - and _, at most 128 characters), not the string";

  test.each<[unknown, string]>([
    [[], "the status should be an object, not an array"],
    [{ state: 5 }, "state of the status should be a string, not the number 5"],
    [{ is_abortable: "yes" }, 'is_abortable of the status should be a boolean, not the string "YES"'],
    [{ id: "a b" }, `id of the status ${FORM} "A B"`],
    [{ parent_id: "-x" }, `parent_id of the status ${FORM} "-X"`],
    [{ table: "-x" }, 'table of the status should be a name (without words that begin with -), not the string "-X"'],
    [{ children_ids: 5 }, "children_ids of the status should be an array, not the number 5"],
    [{ children_ids: [ID, "-x"] }, `element 1 of children_ids of the status ${FORM} "-X"`],
    [{ children_ids: [{ task_id: "-x" }] }, `task_id of element 0 of children_ids of the status ${FORM} "-X"`],
    [
      { children_ids: [{ node: 5 }] },
      "node of element 0 of children_ids of the status should be a string, not the number 5",
    ],
    [{ children_ids: [5] }, "element 0 of children_ids of the status should be an object, not the number 5"],
  ])("%j is none", (value, fault) => {
    expect(faultOf(() => readTaskStatus(value))).toBe(fault);
  });

  test("is named by where it is in the answer", () => {
    expect(faultOf(() => readTaskStatus({ id: "-" }, ELEMENT))).toMatch(/^id of element 3 /);
    expect(faultOf(() => readTaskStatus({ parent_id: "-" }, ELEMENT))).toMatch(/^parent_id of element 3 /);
    expect(faultOf(() => readTaskStatus({ children_ids: {} }, ELEMENT))).toMatch(/^children_ids of element 3 /);
  });

  test.each(["", "none", NIL_UUID])("has no parent if parent_id is %j", (parent_id) => {
    expect(parentOf({ parent_id })).toBeUndefined();
    expect(() => readTaskStatus({ parent_id })).not.toThrow();
  });

  test("has the parent of its parent_id", () => {
    expect(parentOf({ parent_id: ID })).toBe(ID);
    expect(parentOf({})).toBeUndefined();
    expect(parentOf(JSON.parse('{"parent_id": null}'))).toBeUndefined();
  });
});

test("the names of fields are in nodetool's order", () => {
  expect(STATS_FIELD_NAMES.join()).toBe(
    "task_id,type,kind,scope,state,sequence_number,keyspace,table,entity,shard,start_time,end_time",
  );
  expect(STATUS_FIELD_NAMES.join()).toBe(
    "id,type,kind,scope,state,is_abortable,start_time,end_time,error,parent_id,sequence_number,shard,keyspace,table," +
      "entity,progress_units,progress_total,progress_completed,children_ids",
  );
});

test.each(
  [STATS_FIELD_NAMES, STATUS_FIELD_NAMES.slice(0, -1)].flatMap((names, list) => names.map((name) => [name, list])),
)("%s has its type in list %i", (name, list) => {
  const read = list === 0 ? readTaskStats : readTaskStatus;
  const numbers = ["sequence_number", "shard", "progress_total", "progress_completed"];
  const fits = name === "is_abortable" ? true : numbers.includes(name as string) ? 1.5 : "x";
  expect(read({ [name]: fits })).toEqual({ [name]: fits });
  expect(faultOf(() => read({ [name]: [] }))).toMatch(/should be a (string|number|boolean), not an array$/);
  expect(read({ [name]: null })).toEqual({});
});

describe("ids and names", () => {
  test.each([ID, "a", "_", "0-", "x".repeat(128)])("%j is an id", (id) => expect(readId(id, ELEMENT)).toBe(id));

  test.each(["", "-a", "a b", "a\n", "\na", "é", "a.b", "x".repeat(129)])("%j is no id", (id) => {
    expect(faultOf(() => readId(id, ELEMENT))).toMatch(/^element 3 should be an id/);
  });

  test.each(["repair", "a.b", ":a!+-", "x".repeat(256)])("%j is a name", (name) => expect(readName(name)).toBe(name));

  test.each(["", "-a", "a b", "a\n", "\na", "é", "a/b", "x".repeat(257)])("%j is no name", (name) => {
    expect(faultOf(() => readName(name, ELEMENT))).toBe(
      "element 3 should be a name (letters, digits and _.:!+-, at most 256 characters, not beginning with -), " +
        `not the string "${name.toUpperCase()}"`,
    );
  });

  test("are strings", () => expect(faultOf(() => readName(5))).toBe("the answer should be a string, not the number 5"));

  test("are the same with and without dashes, in upper and lower case", () => {
    expect(isSameId(ID, ID)).toBe(true);
    expect(isSameId(ID, ID.toUpperCase().replaceAll("-", ""))).toBe(true);
    expect(isSameId(ID, NIL_UUID)).toBe(false);
  });
});

describe("plain values", () => {
  test("are returned as they are", () => {
    expect(readString("")).toBe("");
    expect(readStrings(["a"])).toEqual(["a"]);
    expect(readInteger(-7)).toBe(-7);
    expect(readIntegers([1, 2])).toEqual([1, 2]);
    expect(readBoolean(false)).toBe(false);
    expect(readRepairState("SUCCESSFUL")).toBe("SUCCESSFUL");
  });

  test.each<[() => unknown, string]>([
    [() => readString(5), "the answer should be a string, not the number 5"],
    [() => readStrings("a"), 'the answer should be an array, not the string "A"'],
    [() => readStrings(["a", 5]), "element 1 of the answer should be a string, not the number 5"],
    [() => readInteger(1.5), "the answer should be an integer, not the number 1.5"],
    [() => readInteger("1", ELEMENT), 'element 3 should be an integer, not the string "1"'],
    [() => readIntegers([1, 2 ** 53]), "element 1 of the answer should be an integer, not the number 9007199254740992"],
    [() => readBoolean(0), "the answer should be true or false, not the number 0"],
    [() => readRepairState("SHAKY"), 'the answer should be one of RUNNING, SUCCESSFUL, FAILED, not the string "SHAKY"'],
  ])("%#: or else not", (read, fault) => {
    expect(faultOf(read)).toBe(fault);
  });
});

describe("the id of a task that was started", () => {
  test("is undefined if there was nothing to do", () => {
    expect(readNewTaskId(ID)).toBe(ID);
    expect(readNewTaskId(NIL_UUID)).toBeUndefined();
    expect(readTabletTaskId({ tablet_task_id: ID })).toBe(ID);
    expect(readTabletTaskId({ tablet_task_id: NIL_UUID.replaceAll("-", "") })).toBeUndefined();
  });

  test.each<[() => unknown, string]>([
    [() => readNewTaskId(5), "the id of the new task should be a string, not the number 5"],
    [() => readNewTaskId("-"), "the id of the new task should be an id"],
    [() => readTabletTaskId(ID), "the answer should be an object"],
    [() => readTabletTaskId({ tablet_task_id: 5 }), "tablet_task_id of the answer should be a string"],
    [() => readTabletTaskId({}), "the id of the new task should be a string"],
  ])("%#: cannot be anything else", (read, fault) => {
    expect(faultOf(read)).toContain(fault);
  });
});

describe("facts of the cluster", () => {
  test("are read field by field", () => {
    expect(readHostId({ key: "10.0.0.1", value: ID }, ELEMENT)).toEqual({ key: "10.0.0.1", value: ID });
    expect(readHostId({ value: ID, more: 1 }, ELEMENT)).toEqual({ key: "", value: ID });
    expect(readTableName({ ks: "a", cf: "b", more: 1 }, ELEMENT)).toStrictEqual({ ks: "a", cf: "b" });
    expect(readTableName({ ks: "a", cf: "b", type: "CF" }, ELEMENT)).toEqual({ ks: "a", cf: "b", type: "CF" });
    const migration = { keyspace: "a", status: "vnodes", nodes: [{ host_id: "h", intended_mode: "tablets" }] };
    expect(readTabletMigration({ ...migration })).toEqual(migration);
    expect(readTabletMigration({ keyspace: "a" })).toEqual({ keyspace: "a" });
  });

  test.each<[() => unknown, string]>([
    [() => readHostId({ key: "10.0.0.1" }, ELEMENT), "value of element 3 should be an id"],
    [() => readHostId({ key: 5, value: ID }, ELEMENT), "key of element 3 should be a string"],
    [() => readHostId({ value: 5 }, ELEMENT), "value of element 3 should be a string"],
    [() => readTableName({ cf: "b" }, ELEMENT), "ks of element 3 should be a name"],
    [() => readTableName({ ks: "a" }, ELEMENT), "cf of element 3 should be a name"],
    [() => readTableName({ ks: 5 }, ELEMENT), "ks of element 3 should be a string"],
    [() => readTableName({ cf: 5 }, ELEMENT), "cf of element 3 should be a string"],
    [() => readTableName({ type: 5 }, ELEMENT), "type of element 3 should be a string"],
    [() => readTabletMigration([]), "the answer should be an object"],
    [() => readTabletMigration({ keyspace: 5 }), "keyspace of the answer should be a string"],
    [() => readTabletMigration({ status: 5 }), "status of the answer should be a string"],
    [() => readTabletMigration({ nodes: {} }), "nodes of the answer should be an array"],
    [() => readTabletMigration({ nodes: [5] }), "element 0 of nodes of the answer should be an object"],
    [() => readTabletMigration({ nodes: [{ host_id: 5 }] }), "host_id of element 0 of nodes of the answer"],
    [() => readTabletMigration({ nodes: [{ current_mode: 5 }] }), "current_mode of element 0 of nodes of the answer"],
    [() => readTabletMigration({ nodes: [{ intended_mode: 5 }] }), "intended_mode of element 0 of nodes of the answer"],
  ])("%#: or is no such thing", (read, fault) => {
    expect(faultOf(read)).toContain(fault);
  });
});

test("a tablet repair that failed without an error text was aborted", () => {
  expect(isAborted({ state: "failed", type: "user_repair" })).toBe(true);
  expect(isAborted({ state: "failed", type: "repair" })).toBe(false);
});

test("errors have the names of their classes", () => {
  expect(() => readString(5)).toThrow(expect.objectContaining({ name: "WireError" }));
  expect(() => readId("-", ELEMENT)).toThrow(expect.objectContaining({ name: "UnusableNameError" }));
});

test.each([
  [undefined, undefined],
  [5, undefined],
  ["", undefined],
  ["tomorrow", undefined],
  ["1970-01-01T00:00:00Z", undefined],
  ["1970-01-01T00:00:01Z", 1000],
])("the time %j is %j", (time, ms) => expect(timeOf(time)).toBe(ms));
