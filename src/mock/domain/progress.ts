/** The progress of a task, in its units. `0` of `0`: nothing is known. */
export interface Progress {
  readonly completed: number;
  readonly total: number;
}

/**
 * The progress of one task in a tree (semantics 7). Sums are updated only when somebody reads them. Until then a report marks the
 * tasks above it as stale, up to the first that is stale already. So a report is cheap in a deep tree, and reading costs as much
 * as has changed since the last time, however wide the tree is.
 */
export class ProgressSum {
  #ownCompleted = 0;
  #ownTotal = 0;
  #expectedTotal: number | undefined;

  #childCount = 0;
  #childrenCompleted = 0;
  #childrenTotal = 0;

  /** How much of it the parent's sums include. */
  #countedCompleted = 0;
  #countedTotal = 0;

  /** Whether its task has ended. */
  #isFinal = false;
  /** Whether the parent's sums lack a change of it. */
  #isStale = false;
  #staleChildren: ProgressSum[] = [];

  /** Whether nothing was ever reported. */
  #isIdle = true;

  /**
   * @param parent - the sum that includes this one; none for a root
   * @param idleTotal - its total until it reports one (semantics 7)
   */
  constructor(
    private readonly parent?: ProgressSum,
    idleTotal: 0 | 1 = 0,
  ) {
    if (parent !== undefined) parent.#childCount++;
    this.#ownTotal = idleTotal;
    if (idleTotal !== 0) this.#markStale();
  }

  report(completed: number, total: number): void {
    this.#isIdle = false;
    this.#ownCompleted = completed;
    this.#ownTotal = total;
    this.#markStale();
  }

  /** The task has children from now on: what it reported itself no longer counts. */
  dropOwn(): void {
    this.#ownCompleted = 0;
    this.#ownTotal = 0;
    this.#markStale();
  }

  /** Sets the total that the children are expected to reach. */
  expect(total: number): void {
    this.#expectedTotal = total;
    this.#markStale();
  }

  /** The task has ended: later reports of its children do not count, nor does the expected total (semantics 4, 7). */
  close(): void {
    this.#refresh();
    this.#isFinal = true;
    if (this.#isIdle) this.#ownCompleted = this.#ownTotal;
    this.#expectedTotal = undefined;
    this.#markStale();
  }

  /** Updates the sums and returns them. */
  read(): Progress {
    this.#refresh();
    return { completed: this.#completed, total: this.#total };
  }

  get #completed(): number {
    return this.#childCount > 0 ? this.#childrenCompleted : this.#ownCompleted;
  }

  get #total(): number {
    return this.#expectedTotal ?? (this.#childCount > 0 ? this.#childrenTotal : this.#ownTotal);
  }

  #markStale(): void {
    let sum: ProgressSum = this;
    while (sum.parent !== undefined && !sum.parent.#isFinal && !sum.#isStale) {
      sum.#isStale = true;
      sum.parent.#staleChildren.push(sum);
      sum = sum.parent;
    }
  }

  #refresh(): void {
    if (this.#staleChildren.length === 0) return;
    const fromTheTop: ProgressSum[] = [this];
    for (let i = 0; i < fromTheTop.length; i++) {
      const sum = fromTheTop[i] as ProgressSum;
      for (const child of sum.#staleChildren) fromTheTop.push(child);
      sum.#staleChildren = [];
    }
    for (let i = fromTheTop.length - 1; i > 0; i--) (fromTheTop[i] as ProgressSum).#countInParent();
  }

  #countInParent(): void {
    const { parent } = this;
    if (parent === undefined) return;
    const completed = this.#completed;
    const total = this.#total;
    parent.#childrenCompleted += completed - this.#countedCompleted;
    parent.#childrenTotal += total - this.#countedTotal;
    this.#countedCompleted = completed;
    this.#countedTotal = total;
    this.#isStale = false;
  }
}
