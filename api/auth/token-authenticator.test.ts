import { describe, expect, jest, test } from '@jest/globals';
import type { StoreRecord, TokenReads } from '../../db/index.ts';
import type { PresentedToken } from '../../domain/ports/token-records.ts';
import { newApiToken } from './api-token.ts';
import type { ReadAhead } from './read-ahead.ts';
import { hashOf } from './secrets.ts';
import { createTokenAuthenticator } from './token-authenticator.ts';

const NOW = new Date('2026-01-31T12:00:00.000Z');
const { token: secret, hash } = newApiToken();
const TOKEN: PresentedToken = {
  id: 't1',
  tenantId: 'acme',
  userId: 'u1',
  serviceAccountId: null,
  role: 'member',
  scopes: null,
  lastUsedAt: null,
  ownerRole: 'admin',
  isOwnerOperator: false,
};

function authenticatorOf(token: Partial<PresentedToken> = {}, reads?: TokenReads) {
  const tokens = {
    findToken: jest.fn(async (query: { readonly hash: Buffer; readonly now: Date }) =>
      query.hash.equals(hash) ? { ...TOKEN, ...token } : undefined,
    ),
    noteTokenUse: jest.fn(async () => undefined),
  };
  const onUnexpected = jest.fn();
  return { tokens, onUnexpected, ...createTokenAuthenticator({ tokens, reads, now: () => NOW, onUnexpected }) };
}

describe('the credential', () => {
  test.each([
    ['Bearer sp_abc', 'sp_abc'],
    ['bearer sp_abc', 'sp_abc'],
    ['Bearer eyJhbGciOi', undefined],
    ['Basic sp_abc', undefined],
    [undefined, undefined],
  ])('of %j is %j', (authorization, credential) => {
    expect(authenticatorOf().credentialOf(() => authorization)).toBe(credential);
  });
});

describe('authenticate', () => {
  test('returns the owner and the tenant of a token', async () => {
    expect(await authenticatorOf().authenticate(secret, undefined)).toEqual({
      principal: { kind: 'userToken', tokenId: 't1', userId: 'u1' },
      isOperator: false,
      scopes: null,
      membership: { tenantId: 'acme', role: 'member' },
    });
    const account = authenticatorOf({ userId: null, serviceAccountId: 'a1', scopes: ['stores:read'] });
    expect(await account.authenticate(secret, 'acme')).toMatchObject({
      principal: { kind: 'serviceAccountToken', tokenId: 't1', serviceAccountId: 'a1' },
      scopes: ['stores:read'],
    });
  });

  test('has no membership in another tenant', async () => {
    expect(await authenticatorOf().authenticate(secret, 'other')).toMatchObject({ membership: null });
  });

  test('rejects a token whose owner has left the tenant, and an unknown one', async () => {
    expect(await authenticatorOf({ ownerRole: null }).authenticate(secret, undefined)).toBeUndefined();
    expect(await authenticatorOf().authenticate(newApiToken().token, undefined)).toBeUndefined();
  });

  test('rejects a typing error without a query', async () => {
    const { tokens, ...authenticator } = authenticatorOf();
    expect(await authenticator.authenticate(`${secret.slice(0, -1)}!`, undefined)).toBeUndefined();
    expect(tokens.findToken).not.toHaveBeenCalled();
  });

  test('looks a token up by its hash', async () => {
    const { tokens, ...authenticator } = authenticatorOf();
    await authenticator.authenticate(secret, undefined);
    expect(tokens.findToken).toHaveBeenCalledWith({ hash: hashOf(secret), now: NOW });
  });

  test.each([
    ['never', null, 1],
    ['a second ago', new Date(NOW.getTime() - 1_000), 0],
    ['61 seconds ago', new Date(NOW.getTime() - 61_000), 1],
  ])('notes the use of a token that was used %s', async (_, lastUsedAt, times) => {
    const { tokens, ...authenticator } = authenticatorOf({ lastUsedAt });
    await authenticator.authenticate(secret, undefined);
    expect(tokens.noteTokenUse).toHaveBeenCalledTimes(times);
  });

  test('continues when the use cannot be noted', async () => {
    const { tokens, onUnexpected, ...authenticator } = authenticatorOf();
    const error = new Error('no database');
    tokens.noteTokenUse.mockRejectedValue(error);
    expect(await authenticator.authenticate(secret, undefined)).toBeDefined();
    await new Promise(setImmediate);
    expect(onUnexpected).toHaveBeenCalledWith(error);
  });
});

describe('a store that is read ahead', () => {
  const storeOf = (storeId: string) => ({ id: storeId }) as StoreRecord;

  function readerOf(token: PresentedToken | undefined) {
    const findTokenAndStore = jest.fn<TokenReads['findTokenAndStore']>(async ({ storeId }) => ({
      token,
      store: storeOf(storeId),
    }));
    return { findTokenAndStore, ...authenticatorOf({}, { findTokenAndStore }) };
  }

  test('is read with the tenant of an earlier request', async () => {
    const { findTokenAndStore, tokens, ...authenticator } = readerOf(TOKEN);
    const first: ReadAhead = { storeId: 's1' };
    await authenticator.authenticate(secret, undefined, first);
    expect(first.read).toBeUndefined();
    const second: ReadAhead = { storeId: 's1' };
    expect(await authenticator.authenticate(secret, undefined, second)).toMatchObject({
      membership: { tenantId: 'acme' },
    });
    expect(second.read).toEqual({ tenantId: 'acme', store: { id: 's1' } });
    expect(findTokenAndStore).toHaveBeenCalledWith({ hash, now: NOW, tenantId: 'acme', storeId: 's1' });
    expect(tokens.findToken).toHaveBeenCalledTimes(1);
  });

  test('does not make a token valid that was revoked since', async () => {
    const authenticator = readerOf(undefined);
    await authenticator.authenticate(secret, undefined);
    expect(await authenticator.authenticate(secret, undefined, { storeId: 's1' })).toBeUndefined();
  });

  test('is not read for other operations', async () => {
    const { findTokenAndStore, ...authenticator } = readerOf(TOKEN);
    await authenticator.authenticate(secret, undefined);
    await authenticator.authenticate(secret, undefined);
    expect(findTokenAndStore).not.toHaveBeenCalled();
  });
});
