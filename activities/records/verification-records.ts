import type { VerificationRecords } from '../../domain/ports/verification-records.ts';
import type { CheckoutVerification } from '../../domain/store/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export interface VerificationRecordDependencies extends VerificationRecords {
  readonly now: () => Date;
}

/** Creates the activities of the hourly verification that read and write records. */
export function createVerificationRecordActivities(deps: VerificationRecordDependencies) {
  /** Counts the stores to verify after a position. Safe to repeat: it only reads. */
  async function countStoresToVerify(from: { readonly after: string | null }) {
    return { total: await deps.countStoresToVerify(from) };
  }

  /** Lists one page of the stores to verify. Safe to repeat: it only reads. */
  async function listStoresToVerify(page: { readonly limit: number; readonly after: string | null }) {
    return { stores: await deps.listStoresToVerify(page) };
  }

  /** Writes the result of a verification. Safe to repeat: the same result twice is one event. */
  async function recordVerification(input: { readonly store: StoreTarget; readonly check: CheckoutVerification }) {
    return { recorded: await deps.recordVerification(input, deps.now()) };
  }

  return { countStoresToVerify, listStoresToVerify, recordVerification };
}
