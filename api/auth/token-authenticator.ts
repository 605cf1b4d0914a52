import type { Identity, Principal } from '../../domain/access/principal.ts';
import { effectiveRights } from '../../domain/access/token-rights.ts';
import type { PresentedToken, TokenLookup } from '../../domain/ports/token-records.ts';
import type { Authenticator } from './authenticator.ts';
import { isApiToken } from './api-token.ts';
import { hashOf, TOKEN_PREFIX } from './secrets.ts';

const BEARER_TOKEN = /^Bearer +(\S+)$/i;
/** The last use is written at most once in this time. */
const USE_INTERVAL_MS = 60_000;

/**
 * Authenticates API tokens. A token acts only in its tenant, with at most the present rights of its owner.
 *
 * @param onUnexpected Is called when the time of use cannot be written. The request continues.
 */
export function createTokenAuthenticator({
  tokens,
  now,
  onUnexpected,
}: {
  readonly tokens: TokenLookup;
  readonly now: () => Date;
  readonly onUnexpected: (error: unknown) => void;
}): Authenticator {
  async function authenticate(secret: string, requestedTenant: string | undefined): Promise<Identity | undefined> {
    // A typing error costs no query.
    if (!isApiToken(secret)) return undefined;
    const at = now();
    const token = await tokens.findToken({ hash: hashOf(secret), now: at });
    const rights = token === undefined ? undefined : effectiveRights(token);
    if (token === undefined || rights === undefined) return undefined;
    if (isUseOld(token, at)) void tokens.noteTokenUse({ id: token.id, now: at }).catch(onUnexpected);
    const { tenantId } = token;
    const isOwnTenant = requestedTenant === undefined || requestedTenant === tenantId;
    return {
      principal: principalOf(token),
      isOperator: rights.isOperator,
      scopes: token.scopes,
      membership: isOwnTenant ? { tenantId, role: rights.role } : null,
    };
  }

  return { credentialOf: (header) => tokenIn(header('authorization')), authenticate };
}

/** Returns the API token in an Authorization header, or undefined if it has another credential. */
function tokenIn(authorization: string | undefined): string | undefined {
  const [, credential] = BEARER_TOKEN.exec(authorization ?? '') ?? [];
  return credential?.startsWith(TOKEN_PREFIX) === true ? credential : undefined;
}

function isUseOld({ lastUsedAt }: PresentedToken, at: Date): boolean {
  return lastUsedAt === null || at.getTime() - lastUsedAt.getTime() > USE_INTERVAL_MS;
}

function principalOf({ id: tokenId, userId, serviceAccountId }: PresentedToken): Principal {
  if (userId !== null) return { kind: 'userToken', tokenId, userId };
  if (serviceAccountId !== null) return { kind: 'serviceAccountToken', tokenId, serviceAccountId };
  throw new Error(`the token ${tokenId} has no owner`);
}
