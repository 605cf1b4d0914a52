import type {
  IdempotentRequest,
  IdempotentRequests,
  IdempotentResult,
  OnceResult,
} from '../../domain/ports/idempotent-requests.ts';

interface Row {
  readonly requestHash: Buffer;
  readonly response: Buffer;
}

/** A place at which a transaction can lose its process: nothing of it is kept. */
export type CrashPoint = 'before the work' | 'after the work' | 'before the commit';

/**
 * Idempotent requests in memory, with the rules of the transactions in Postgres: a key that a running transaction has
 * written makes others wait for its end, and what a transaction writes becomes visible when it commits.
 *
 * @typeParam Thing What the work of a request creates.
 */
export class MemoryIdempotentRequests<Thing> implements IdempotentRequests<Thing[]> {
  /** Everything that was committed. */
  readonly things: Thing[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #running = new Map<string, Promise<unknown>>();
  /** Is asked before each step of a transaction. It decides when the step happens, and may throw. */
  readonly #step: (point: CrashPoint) => Promise<void>;

  constructor(step: (point: CrashPoint) => Promise<void> = async () => undefined) {
    this.#step = step;
  }

  async once<Value>(
    request: IdempotentRequest,
    work: (things: Thing[]) => Promise<IdempotentResult<Value>>,
  ): Promise<OnceResult<Value>> {
    const key = request.hash.toString('hex');
    for (;;) {
      const running = this.#running.get(key);
      if (running === undefined) break;
      await running.catch(() => undefined);
    }
    const transaction = this.#transaction(key, request, work);
    this.#running.set(key, transaction);
    try {
      return await transaction;
    } finally {
      this.#running.delete(key);
    }
  }

  async #transaction<Value>(
    key: string,
    { requestHash }: IdempotentRequest,
    work: (things: Thing[]) => Promise<IdempotentResult<Value>>,
  ): Promise<OnceResult<Value>> {
    const row = this.#rows.get(key);
    if (row !== undefined) {
      return row.requestHash.equals(requestHash) ? { kind: 'replayed', response: row.response } : { kind: 'keyReused' };
    }
    const written: Thing[] = [];
    await this.#step('before the work');
    const { value, response } = await work(written);
    await this.#step('after the work');
    await this.#step('before the commit');
    this.things.push(...written);
    this.#rows.set(key, { requestHash, response });
    return { kind: 'done', value };
  }
}
