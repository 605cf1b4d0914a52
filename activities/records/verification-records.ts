import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import type { VerificationPage, VerificationRecords } from '../../domain/ports/verification-records.ts';
import type { CheckoutVerification } from '../../domain/store/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export interface VerificationRecordDependencies extends VerificationRecords {
  readonly positions: PassPositions;
  /** Maximum number of stores that a pass verifies per second. */
  readonly storesPerSecond: number;
  readonly now: () => Date;
}

/** Where a pass begins, and how fast it may be. */
export interface VerificationStart {
  /** Id of the last store that the pass before it has reached. Null: it has reached all stores. */
  readonly after: string | null;
  /** Number of stores after that position. */
  readonly total: number;
  readonly storesPerSecond: number;
}

/** Creates the activities of the hourly verification that read and write records. */
export function createVerificationRecordActivities(deps: VerificationRecordDependencies) {
  const { positions } = deps;

  /** Returns the start of a pass. Safe to repeat: it only reads. */
  async function beginVerification({ cluster }: { readonly cluster: string }): Promise<VerificationStart> {
    const after = await positions.readPosition({ pass: 'verify-stores', cluster });
    const total = await deps.countStoresToVerify({ cluster, after });
    return { after, total, storesPerSecond: deps.storesPerSecond };
  }

  /**
   * Lists one page of the stores to verify. Saves where the page begins, so that a pass that is cut continues there. Safe to
   * repeat: the same page has the same position.
   */
  async function listStoresToVerify(page: VerificationPage) {
    const { cluster, after } = page;
    if (after !== null) await positions.savePosition({ pass: 'verify-stores', cluster, after, now: deps.now() });
    return { stores: await deps.listStoresToVerify(page) };
  }

  /** Saves where the next pass begins. Safe to repeat: it writes the same position. */
  async function endVerification({ cluster, after }: Pick<VerificationPage, 'cluster' | 'after'>) {
    await positions.savePosition({ pass: 'verify-stores', cluster, after, now: deps.now() });
  }

  /** Writes the result of a verification. Safe to repeat: the same result twice is one event. */
  async function recordVerification(input: { readonly store: StoreTarget; readonly check: CheckoutVerification }) {
    return { recorded: await deps.recordVerification(input, deps.now()) };
  }

  return { beginVerification, listStoresToVerify, endVerification, recordVerification };
}
