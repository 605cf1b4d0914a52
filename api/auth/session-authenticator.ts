import { StoreError } from '../../domain/failure.ts';
import type { PeopleRecords } from '../../db/identity/people.ts';
import type { Authenticator } from './authenticator.ts';
import { hashOf } from './secrets.ts';
import type { SessionCookie } from './session-cookie.ts';

/** The use of a session is written at most once in this time. */
const USE_INTERVAL_MS = 60_000;

/**
 * Authenticates browsers by their session cookie. The cookie of a request with an Authorization header is ignored: a
 * wrong token must not fall back to the session of the browser.
 *
 * @param onUnexpected Is called when the time of use cannot be written. The request continues.
 */
export function sessionAuthenticator({
  people,
  cookie,
  idleMs,
  now,
  onUnexpected,
}: {
  readonly people: Pick<PeopleRecords, 'identityOfSession' | 'touchSession'>;
  readonly cookie: SessionCookie;
  readonly idleMs: number;
  readonly now: () => Date;
  readonly onUnexpected: (error: unknown) => void;
}): Authenticator {
  return {
    credentialOf: (header) => (header('authorization') === undefined ? cookie.read(header('cookie')) : undefined),
    authenticate: async (secret, requestedTenant) => {
      const at = now();
      const found = await people.identityOfSession({ hash: hashOf(secret), requestedTenant, now: at });
      if (found === undefined) return undefined;
      const { sessionId, userId, lastUsedAt, isOperator, membership } = found;
      if (at.getTime() - lastUsedAt.getTime() >= USE_INTERVAL_MS) {
        const use = { sessionId, lastUsedAt, now: at, idleUntil: new Date(at.getTime() + idleMs) };
        // Requests read while the database is read-only.
        await people.touchSession(use).catch((error: unknown) => {
          if (!(error instanceof StoreError)) onUnexpected(error);
        });
      }
      return { principal: { kind: 'user', userId, sessionId }, isOperator, scopes: null, membership };
    },
  };
}
