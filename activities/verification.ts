import type { Verification } from '../domain/store.ts';
import type { VerifyStoreInput } from './cluster-activities.ts';

/** Whether a store sells. The place where a probe order per engine goes; so far no engine has one. */
export function createVerification({ now }: { readonly now: () => number }) {
  /** Safe to repeat: it says why nothing was verified. */
  async function verifyStore({ nodes, store }: VerifyStoreInput): Promise<Verification> {
    const reason =
      nodes === 'simulated'
        ? 'the nodes of this cluster are simulated: nothing is served that could be bought'
        : `there is no sale check for ${store.engine} yet`;
    return { outcome: 'skipped', reason, at: new Date(now()).toISOString() };
  }

  return { verifyStore };
}
