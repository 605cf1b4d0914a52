import type { PeopleRecords } from '../../db/identity/people.ts';
import { newSecret } from '../auth/secrets.ts';

const LINK_MS = 24 * 60 * 60_000;

/**
 * Creates the link with which the first operator is created, and makes earlier links invalid. Returns undefined if the
 * platform has an operator.
 *
 * @throws StoreError DATABASE_UNAVAILABLE
 */
export async function newSetupLink(
  people: Pick<PeopleRecords, 'replaceSetupLink'>,
  { origin, now }: { readonly origin: string; readonly now: Date },
): Promise<string | undefined> {
  const { secret, hash } = newSecret();
  const isNeeded = await people.replaceSetupLink({ hash, now, expiresAt: new Date(now.getTime() + LINK_MS) });
  return isNeeded ? `${origin}/setup?token=${secret}` : undefined;
}
