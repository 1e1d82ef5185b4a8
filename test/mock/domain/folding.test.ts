import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import type { Task } from "../../../src/mock/domain/task.js";
import { Stage, treeOf } from "./stage.js";

/** A tree of height 4: root 1, level 2: 2 and 3, level 3: 4 to 7, level 4: 8 to 15. */
function treeOfHeight4(): { stage: Stage; tasks: Task[]; ids: (...numbers: number[]) => string[] } {
  const stage = new Stage();
  stage.node.ttlSeconds = 3600;
  const tasks: Task[] = [];
  for (let number = 1; number <= 15; number++) {
    tasks[number] = stage.task({ id: `task ${number}`, parent: tasks[Math.floor(number / 2)] });
  }
  return { stage, tasks, ids: (...numbers) => numbers.map((number) => `task ${number}`) };
}

/** Ends all, children first. */
function endAll(tasks: Task[], failing: number[]): void {
  for (let number = 15; number >= 1; number--) {
    if (failing.includes(number)) tasks[number]?.fail("broken");
    else tasks[number]?.finish();
  }
}

describe("semantics 8: a child that finishes folds into its parent", () => {
  it("and is unregistered at once", () => {
    const stage = new Stage();
    const root = stage.task();
    const child = stage.task({ parent: root, entity: "e" });
    child.fail("broken");
    expect(stage.isFound(child)).toBe(false);
    expect(root.children).toHaveLength(1);
    expect(root.children[0]).not.toBe(child);
    expect(root.children[0]).toMatchObject({ id: child.id, state: "failed", error: "broken", parentId: root.id });
  });

  it("which lists its unfinished children before the finished ones", () => {
    const stage = new Stage();
    const root = stage.task();
    const children = ["a", "b", "c"].map((id) => stage.task({ id, parent: root }));
    children[0]?.finish();
    children[1]?.finish();
    expect(root.children.map((child) => child.id)).toEqual(["c", "a", "b"]);
  });
});

describe("semantics 9: of its own children it keeps those that lead to a failure", () => {
  //          o                 o
  //       /     \            /   \
  //      o       o    =>    o     o
  //     / \     / \
  //    o   o   o   o
  //   /\  /\  /\  /\
  //  o o o o o o o o
  it("all done: the finished root shows itself and its 2 children, no more", () => {
    const { tasks } = treeOfHeight4();
    endAll(tasks, []);
    expect(treeOf(tasks[1] as Task)).toEqual(["task 1", ["task 3"], ["task 2"]]);
  });

  //          o                 o
  //       /     \            /   \
  //      o       o    =>    o     o
  //     / \     / \              /
  //    o   o   o   o            o
  //   /\  /\  /\  /\           /
  //  o o o o x o o o          x
  it("one leaf failed: also that leaf and its parent", () => {
    const { tasks } = treeOfHeight4();
    endAll(tasks, [12]);
    expect(treeOf(tasks[1] as Task)).toEqual(["task 1", ["task 3", ["task 6", ["task 12"]]], ["task 2"]]);
  });

  //          o                 o
  //       /     \            /   \
  //      o       o    =>    o     o
  //     / \     / \          \
  //    o   x   o   o          x
  //   /\  /\  /\  /\
  //  o o o o o o o o
  it("one inner task on level 3 failed, its children done: that task, not its children", () => {
    const { tasks } = treeOfHeight4();
    endAll(tasks, [5]);
    expect(treeOf(tasks[1] as Task)).toEqual(["task 1", ["task 3"], ["task 2", ["task 5"]]]);
  });
});

describe("semantics 10: a task that finishes before one of its children is not folded", () => {
  it("but is unregistered, and stays attached to its parent with its subtree", () => {
    const stage = new Stage();
    const root = stage.task({ id: "root" });
    const early = stage.task({ id: "early", parent: root });
    const late = stage.task({ id: "late", parent: early });
    const grandchild = stage.task({ id: "grandchild", parent: late });
    early.finish();
    expect(stage.isFound(early)).toBe(false);
    expect(stage.isFound(late)).toBe(true);
    grandchild.finish();
    late.finish();
    expect(stage.isFound(late)).toBe(false);
    const wholeTree = ["root", ["early", ["late", ["grandchild"]]]];
    expect(treeOf(root)).toEqual(wholeTree);
    expect(root.children[0]).toBe(early);
    root.finish();
    expect(treeOf(root)).toEqual(wholeTree);
  });
});

/** A random tree: the parent of each task (-1 for the root), the order in which the tasks end, and those that fail. */
const history = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc.record({
    parents: fc.tuple(...Array.from({ length: size }, (_, i) => (i === 0 ? fc.constant(-1) : fc.nat({ max: i - 1 })))),
    order: fc.shuffledSubarray(
      Array.from({ length: size }, (_, i) => i),
      { minLength: size },
    ),
    failing: fc.subarray(Array.from({ length: size }, (_, i) => i)),
  }),
);

describe("folding in random trees, in any order", () => {
  it("follows semantics 8 to 10", () => {
    fc.assert(
      fc.property(history, ({ parents, order, failing }) => {
        const stage = new Stage();
        stage.node.ttlSeconds = 3600;
        const tasks: Task[] = [];
        for (const [i, parent] of parents.entries()) tasks.push(stage.task({ id: `${i}`, parent: tasks[parent] }));
        for (const i of order) {
          if (failing.includes(i)) tasks[i]?.fail("broken");
          else tasks[i]?.finish();
        }

        const childrenOf = (i: number) => parents.flatMap((parent, child) => (parent === i ? [child] : []));
        const endOf = (i: number) => order.indexOf(i);
        // Nothing folds into a parent that is unregistered: into one that has ended, except the root, which its ttl keeps.
        const endsInTime = (i: number) => parents[i] === 0 || endOf(i) < endOf(parents[i] ?? i);
        const isFolded = (i: number): boolean =>
          endsInTime(i) && childrenOf(i).every((child) => isFolded(child) && endOf(child) < endOf(i));
        const leadsToFailure = (i: number): boolean => failing.includes(i) || childrenOf(i).some(leadsToFailure);
        const shown = (i: number): unknown => [
          `${i}`,
          new Set(
            childrenOf(i)
              .filter((child) => i === 0 || !isFolded(i) || leadsToFailure(child))
              .map(shown),
          ),
        ];

        const seen = (view: ShownTask): unknown => [view.id, new Set(view.children.map(seen))];
        expect(seen(tasks[0] as Task)).toEqual(shown(0));
      }),
      { numRuns: 300 },
    );
  });
});
