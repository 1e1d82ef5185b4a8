import { parentOf, type TaskStatus } from "../client/wire.js";

/** A task in a tree. */
export interface TreeNode {
  readonly status: TaskStatus;
  readonly children: TreeNode[];
  /** The node's address, as in the task's row or in its parent's list of children. */
  node: string | undefined;
  parent: TreeNode | undefined;
  depth: number;
  /** Whether the task or one of its descendants failed. */
  leadsToFailure: boolean;
}

/**
 * Builds trees from statuses, in their order, by the parents and the children that they name. Every task is kept: one without a
 * parent among them is a root, in a cycle the first task becomes the root, and of two tasks with the same id the first counts.
 * Linear, and without recursion, as a tree may be as deep as it has tasks.
 */
export function taskForest(statuses: readonly TaskStatus[]): TreeNode[] {
  const byId = new Map<string, TreeNode>();
  const nodes: TreeNode[] = [];
  for (const status of statuses) {
    const { id } = status;
    if (id !== undefined && byId.has(id)) continue;
    const node: TreeNode = {
      status,
      children: [],
      node: typeof status.node === "string" ? status.node : undefined,
      parent: undefined,
      depth: 0,
      leadsToFailure: false,
    };
    nodes.push(node);
    if (id !== undefined) byId.set(id, node);
  }
  linkByParents(nodes, byId);
  linkByChildren(nodes, byId);
  const roots = rootsOf(nodes);
  for (const node of nodes) {
    if (node.status.state !== "failed") continue;
    for (let at: TreeNode | undefined = node; at !== undefined && !at.leadsToFailure; at = at.parent) {
      at.leadsToFailure = true;
    }
  }
  return roots;
}

function linkByParents(nodes: readonly TreeNode[], byId: ReadonlyMap<string, TreeNode>): void {
  for (const node of nodes) {
    const parent = byId.get(parentOf(node.status) ?? "");
    if (parent !== node) node.parent = parent;
  }
}

/** Links children that do not name their parent (older servers). Only the parent names the node of a child. */
function linkByChildren(nodes: readonly TreeNode[], byId: ReadonlyMap<string, TreeNode>): void {
  for (const node of nodes) {
    for (const { task_id, node: address } of node.status.children_ids ?? []) {
      const child = byId.get(task_id);
      if (child === undefined || child === node) continue;
      child.parent ??= node;
      // The children of a node task are on the same node, so naming it would add nothing.
      if (child.parent === node && node.status.kind === "cluster" && address !== "") child.node ??= address;
    }
  }
}

/** Cuts cycles, fills in the children, and sets the depths. */
function rootsOf(nodes: readonly TreeNode[]): TreeNode[] {
  const checked = new Set<TreeNode>();
  for (const start of nodes) {
    const path = new Set<TreeNode>();
    let at: TreeNode | undefined = start;
    while (at !== undefined && !checked.has(at)) {
      if (path.has(at)) {
        at.parent = undefined;
        break;
      }
      path.add(at);
      at = at.parent;
    }
    for (const node of path) checked.add(node);
  }
  const roots: TreeNode[] = [];
  for (const node of nodes) {
    if (node.parent === undefined) roots.push(node);
    else node.parent.children.push(node);
  }
  for (const { node } of preorder(roots)) {
    node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
  }
  return roots;
}

export interface Visit {
  readonly node: TreeNode;
  /** Its index among its siblings, and their number. */
  readonly index: number;
  readonly siblings: readonly TreeNode[];
}

/** All tasks, parents before their children. */
export function* preorder(roots: readonly TreeNode[]): Generator<Visit> {
  const stack: { siblings: readonly TreeNode[]; next: number }[] = [{ siblings: roots, next: 0 }];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const node = level.siblings[level.next];
    if (node === undefined) {
      stack.pop();
      continue;
    }
    const { siblings, next: index } = level;
    level.next++;
    yield { node, index, siblings };
    if (node.children.length > 0) stack.push({ siblings: node.children, next: 0 });
  }
}
