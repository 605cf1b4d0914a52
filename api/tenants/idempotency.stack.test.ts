import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, record } from 'fast-check';
import { endSessions } from '../../test/harness/stack/sessions.ts';
import { openTenantApi, type Sent, type TenantApi } from '../../test/harness/platform/tenant-api.ts';

let api: TenantApi;
let processes: readonly TenantApi['app'][];
beforeAll(async () => {
  api = await openTenantApi();
  processes = [api.newProcess(), api.newProcess()];
});
afterAll(() => api.drop());

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly token?: string };
  readonly isReplayed: boolean;
}

async function createToken(sent: Sent & { readonly name?: string }): Promise<Answer> {
  const response = await api.send('/api/tokens', { ...sent, body: { name: sent.name ?? 'Laptop' } });
  const isReplayed = response.headers.get('idempotency-replayed') === 'true';
  return { status: response.status, body: (await response.json()) as Answer['body'], isReplayed };
}

async function countTokens(userId: string): Promise<number> {
  const { rows } = await api.database.pool.query<{ count: string }>(
    'select count(*) from api_tokens where user_id = $1',
    [userId],
  );
  return Number(rows[0]?.count);
}

async function newMember(): Promise<string> {
  return await api.newMember(await api.newTenant(), 'member');
}

test('concurrent duplicates at two processes create one token, and all get it', async () => {
  const as = await newMember();
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) => createToken({ as, key: 'same', app: processes[index % 2] ?? api.app })),
  );
  expect(await countTokens(as)).toBe(1);
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^sp_/) } });
  expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
});

test('another body and another operation with the key are rejected', async () => {
  const as = await api.newMember(await api.newTenant(), 'admin');
  await createToken({ as, key: 'k' });
  expect(await createToken({ as, key: 'k', name: 'Other' })).toMatchObject({
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  const account = await api.send('/api/service-accounts', { as, key: 'k', body: { name: 'Laptop' } });
  expect(account.status).toBe(422);
});

test('keys of two tenants, two people and two tokens of one person never meet', async () => {
  const tenants = [await api.newTenant(), await api.newTenant()];
  const as = await api.newUser({ isOperator: true });
  const other = await api.newUser({ isOperator: true });
  const senders: Sent[] = [];
  for (const tenant of tenants) {
    senders.push({ as, tenant }, { as: other, tenant });
    for (const key of ['a', 'b']) {
      const { body } = await createToken({ as, tenant, key: `${tenant} ${key}` });
      senders.push({ token: body.token ?? '' });
    }
  }
  const answers = await Promise.all(senders.map((sender) => createToken({ ...sender, key: 'same' })));
  expect(answers.map(({ status, isReplayed }) => [status, isReplayed])).toEqual(senders.map(() => [201, false]));
  expect(new Set(answers.map(({ body }) => body.token)).size).toBe(senders.length);
});

test('keys of two principals without a tenant never meet', async () => {
  const [ada, bob] = [await api.newUser({ isOperator: true }), await api.newUser({ isOperator: true })];
  const create = (as: string, tenantId: string) =>
    api.send('/api/admin/tenants', { as, key: 'same', body: { tenantId, name: 'x' } });
  const statuses = [await create(ada, 'of-ada'), await create(bob, 'of-bob'), await create(ada, 'of-ada')];
  expect(statuses.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect((await create(bob, 'of-ada')).status).toBe(422);
});

test('the database holds neither the token nor the key', async () => {
  const as = await newMember();
  const { body } = await createToken({ as, key: 'a-key-that-nobody-guesses' });
  const dump = await api.database.pool.query<{ row: string }>(
    `select encode(response, 'escape') || encode(hash, 'escape') as row from idempotency_keys
     union all select api_tokens::text from api_tokens`,
  );
  const text = dump.rows.map(({ row }) => row).join('\n');
  expect(text).not.toContain(body.token?.slice(12));
  expect(text).not.toContain('a-key-that-nobody-guesses');
});

test('a key is free again after a failure and after its retention', async () => {
  const as = await newMember();
  const failed = await api.send('/api/tokens', { as, key: 'k', body: { name: 'x', role: 'admin' } });
  expect(failed.status).toBe(403);
  expect((await createToken({ as, key: 'k' })).isReplayed).toBe(false);
  expect((await createToken({ as, key: 'k' })).isReplayed).toBe(true);
  api.advance(86_401);
  expect((await createToken({ as, key: 'k', name: 'Other' })).status).toBe(201);
  const { rows } = await api.database.pool.query(
    "select 1 from idempotency_keys where expires_at < now() + interval '1 day'",
  );
  expect(rows).toEqual([]);
});

test('concurrent duplicates of a webhook, its test and its rotation at two processes happen once', async () => {
  const as = await api.newMember(await api.newTenant(), 'admin');
  const all = async (path: string, body: object) => {
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        api.send(path, { as, key: path, body, app: processes[index % 2] ?? api.app }),
      ),
    );
    const replays = responses.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
    expect(replays).toHaveLength(responses.length - 1);
    const bodies = new Set(await Promise.all(responses.map((response) => response.text())));
    expect(bodies.size).toBe(1);
    return JSON.parse([...bodies][0] ?? '') as { readonly webhookId: string; readonly secret?: string };
  };
  const created = await all('/api/webhooks', { url: 'https://127.0.0.1/' });
  const path = `/api/webhooks/${created.webhookId}`;
  await all(`${path}/test`, {});
  const { data: deliveries } = await api.read<{ data: unknown[] }>(`${path}/deliveries`, { as });
  expect(deliveries).toHaveLength(1);
  const rotated = await all(`${path}/rotate-secret`, {});
  expect(rotated.secret).not.toBe(created.secret);
  const { secrets } = await api.read<{ secrets: unknown[] }>(path, { as });
  expect(secrets).toHaveLength(2);
});

test('a key of a token does not create a webhook', async () => {
  const as = await api.newMember(await api.newTenant(), 'admin');
  await createToken({ as, key: 'k' });
  const response = await api.send('/api/webhooks', { as, key: 'k', body: { url: 'https://127.0.0.1/' } });
  expect(response.status).toBe(422);
});

describe('clients that send, repeat and lose their connection in every order', () => {
  test('create one token per person and key', async () => {
    const members = [await newMember(), await newMember()];
    let run = 0;
    const sent = record({
      who: constantFrom(0, 1),
      key: constantFrom('a', 'b'),
      name: constantFrom('x', 'y'),
      at: constantFrom(0, 1),
    });
    await assert(
      asyncProperty(array(sent, { minLength: 2, maxLength: 8 }), constantFrom(true, false), async (requests, isCut) => {
        run += 1;
        const before = await Promise.all(members.map(countTokens));
        const send = async ({ who, key, name, at }: (typeof requests)[number]) => {
          const given = { as: members[who] ?? '', key: `${run}-${key}`, name, app: processes[at] ?? api.app };
          for (;;) {
            const answer = await createToken(given);
            if (answer.status !== 503) return { who, key, name, answer };
          }
        };
        const sending = requests.map(send);
        if (isCut) await cutConnections();
        const answered = await Promise.all(sending);
        const after = await Promise.all(members.map(countTokens));
        for (const who of [0, 1]) {
          const own = answered.filter((entry) => entry.who === who);
          const keys = new Set(own.map(({ key }) => key));
          expect((after[who] ?? 0) - (before[who] ?? 0)).toBe(keys.size);
          for (const key of keys) {
            const group = own.filter((entry) => entry.key === key);
            const accepted = group.filter(({ answer }) => answer.status === 201);
            expect(new Set(accepted.map(({ answer }) => answer.body.token)).size).toBe(1);
            expect(new Set(accepted.map(({ name }) => name)).size).toBe(1);
            const others = group.filter(({ answer }) => answer.status !== 201);
            expect(others.every(({ answer }) => answer.status === 422)).toBe(true);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  /** Ends the connections of the API processes, as a restart of Postgres does. */
  async function cutConnections(): Promise<void> {
    await endSessions(api.database.pool, { onlyActive: true });
  }
});
