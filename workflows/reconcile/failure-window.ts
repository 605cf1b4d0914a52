/** Results that decide together. It is half a page: a fleet with fewer stores never stops its pass. */
const WINDOW = 25;
/** Failures with one cause that stop the pass. That many stores do not break in the same way at the same time. */
const FAILURES_TO_STOP = 20;

/**
 * Looks at the results of a pass in groups of 25, and reports when most of a group failed with the same cause. Then the cause
 * is not in the stores but in something that they share, such as the ingress.
 */
export class FailureWindow {
  #results = 0;
  readonly #failures = new Map<string, number>();
  #sharedCause: string | undefined;

  /** Adds the result of a store. `cause` undefined: the verification passed. */
  add(cause: string | undefined): void {
    this.#results += 1;
    if (cause !== undefined) {
      const failures = (this.#failures.get(cause) ?? 0) + 1;
      this.#failures.set(cause, failures);
      if (failures >= FAILURES_TO_STOP) this.#sharedCause ??= cause;
    }
    if (this.#results < WINDOW) return;
    this.#results = 0;
    this.#failures.clear();
  }

  /** The cause that most stores of a group shared. Undefined: none so far. */
  get sharedCause(): string | undefined {
    return this.#sharedCause;
  }
}
