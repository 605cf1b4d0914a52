import type { Identity, Principal } from '../../domain/access/principal.ts';
import { effectiveRights } from '../../domain/access/token-rights.ts';
import type { TokenReads } from '../../db/index.ts';
import type { PresentedToken, TokenLookup } from '../../domain/ports/token-records.ts';
import type { Authenticator } from './authenticator.ts';
import { isApiToken } from './api-token.ts';
import type { ReadAhead } from './read-ahead.ts';
import { hashOf, TOKEN_PREFIX } from './secrets.ts';

const BEARER_TOKEN = /^Bearer +(\S+)$/i;
/** The last use is written at most once in this time. */
const USE_INTERVAL_MS = 60_000;
const MAX_REMEMBERED_TENANTS = 10_000;

/**
 * Authenticates API tokens. A token acts only in its tenant, with at most the present rights of its owner.
 *
 * @param reads Reads a store together with the token. Default: the handlers read it.
 * @param onUnexpected Is called when the time of use cannot be written. The request continues.
 */
export function createTokenAuthenticator({
  tokens,
  reads,
  now,
  onUnexpected,
}: {
  readonly tokens: TokenLookup;
  readonly reads?: TokenReads | undefined;
  readonly now: () => Date;
  readonly onUnexpected: (error: unknown) => void;
}): Authenticator {
  // The tenant of a token never changes. That a token is valid is never remembered.
  const tenants = new Map<string, string>();

  function remember(key: string, tenantId: string): void {
    if (tenants.size >= MAX_REMEMBERED_TENANTS) tenants.clear();
    tenants.set(key, tenantId);
  }

  /** Looks a token up. Reads the store ahead, if the tenant of the token is known. */
  async function findToken(hash: Buffer, at: Date, ahead: ReadAhead | undefined): Promise<PresentedToken | undefined> {
    const key = hash.toString('base64');
    const tenantId = tenants.get(key);
    if (reads !== undefined && ahead !== undefined && tenantId !== undefined) {
      const { token, store } = await reads.findTokenAndStore({ hash, now: at, tenantId, storeId: ahead.storeId });
      ahead.read = { tenantId, store };
      return token;
    }
    const token = await tokens.findToken({ hash, now: at });
    if (token !== undefined) remember(key, token.tenantId);
    return token;
  }

  async function authenticate(
    secret: string,
    requestedTenant: string | undefined,
    ahead?: ReadAhead,
  ): Promise<Identity | undefined> {
    // A typing error costs no query.
    if (!isApiToken(secret)) return undefined;
    const at = now();
    const token = await findToken(hashOf(secret), at, ahead);
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
