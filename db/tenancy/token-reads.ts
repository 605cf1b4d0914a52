import type { PresentedToken, TokenLookup } from '../../domain/ports/token-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { recordOf, type StoreRecord } from '../stores/record.ts';
import { prepareGet, type StoreKey } from '../stores/requests.ts';
import { prepareFindToken, presentedOf } from './tokens.ts';

/** Reads of requests with an API token. */
export interface TokenReads {
  /**
   * Looks a token up and reads a store of a tenant, in one round trip. The caller must not use the store unless the token is
   * valid and belongs to the tenant.
   *
   * @throws StoreError DATABASE_UNAVAILABLE
   */
  findTokenAndStore(
    query: Parameters<TokenLookup['findToken']>[0] & StoreKey,
  ): Promise<{ readonly token: PresentedToken | undefined; readonly store: StoreRecord | undefined }>;
}

/** Creates the reads of requests with an API token on a database. */
export function createTokenReads({ asTenant }: Database): TokenReads {
  const selectToken = oncePerConnection(prepareFindToken);
  const selectStore = oncePerConnection(prepareGet);

  async function findTokenAndStore({
    hash,
    now,
    tenantId,
    storeId,
  }: Parameters<TokenReads['findTokenAndStore']>[0]): ReturnType<TokenReads['findTokenAndStore']> {
    let token: PresentedToken | undefined;
    const readToken = async (queries: Queries): Promise<void> => {
      const [row] = await selectToken(queries).execute({ hash, now: now.toISOString() });
      token = row === undefined ? undefined : presentedOf(row);
    };
    const [row] = await asTenant.queryAfter(tenantId, readToken, (queries) =>
      selectStore(queries).execute({ tenantId, storeId }),
    );
    return { token, store: row === undefined ? undefined : recordOf(row) };
  }

  return translatingConnectionErrors({ findTokenAndStore });
}
