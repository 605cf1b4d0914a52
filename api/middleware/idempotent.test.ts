import { describe, expect, test } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  option,
  record,
  scheduler as schedulerOf,
  type Scheduler,
} from 'fast-check';
import type { Identity, Principal } from '../../domain/access/principal.ts';
import { MemoryIdempotentRequests, type CrashPoint } from '../../test/fakes/memory-idempotent-requests.ts';
import { Problem } from '../problems/problem.ts';
import { createIdempotency, type KeyedResponse } from './idempotent.ts';

interface Thing {
  readonly owner: string;
  readonly name: string;
  readonly secret: string;
}

const NOW = new Date('2026-01-31T12:00:00.000Z');
const ADA: Principal = { kind: 'user', userId: 'ada', sessionId: 's1' };
const PRINCIPALS = {
  ada: ADA,
  bob: { kind: 'user', userId: 'bob', sessionId: 's2' },
  'a token of ada': { kind: 'userToken', tokenId: 't1', userId: 'ada' },
} as const satisfies Record<string, Principal>;

interface Sent {
  readonly tenantId: string | null;
  readonly principal: keyof typeof PRINCIPALS;
  readonly key: string;
  readonly name: string;
  /** The process of the first attempt dies here. */
  readonly crash: CrashPoint | null;
}

function identityOf({ tenantId, principal }: Pick<Sent, 'tenantId' | 'principal'>): Identity {
  const membership = tenantId === null ? null : ({ tenantId, role: 'admin' } as const);
  return { principal: PRINCIPALS[principal], isOperator: false, scopes: null, membership };
}

const CRASH = new Error('the process died');
const request = record<Sent>({
  tenantId: constantFrom('acme', 'other', null),
  principal: constantFrom('ada', 'bob', 'a token of ada'),
  key: constantFrom('k1', 'k2'),
  name: constantFrom('x', 'y'),
  crash: option(constantFrom<CrashPoint>('before the work', 'after the work', 'before the commit'), { nil: null }),
});

/** Sends all requests at once to two API processes. A request whose process died is sent again. */
async function run(requests: readonly Sent[], scheduler: Scheduler) {
  const crashes = new Map<CrashPoint, number>();
  for (const { crash } of requests) if (crash !== null) crashes.set(crash, (crashes.get(crash) ?? 0) + 1);
  const database = new MemoryIdempotentRequests<Thing>(async (point) => {
    await scheduler.schedule(Promise.resolve(), point);
    const left = crashes.get(point) ?? 0;
    if (left === 0) return;
    crashes.set(point, left - 1);
    throw CRASH;
  });
  const processes = [createIdempotency(database, () => NOW), createIdempotency(database, () => NOW)];
  let secrets = 0;

  async function send(sent: Sent, index: number): Promise<KeyedResponse<Thing> | 'reused'> {
    const owner = JSON.stringify([sent.tenantId, sent.principal]);
    await scheduler.schedule(Promise.resolve(), `request ${index}`);
    for (let attempt = 0; ; attempt += 1) {
      const api = processes[(index + attempt) % processes.length];
      if (api === undefined) throw new Error('no process');
      const { key, name } = sent;
      const keyed = { identity: identityOf(sent), key, operation: 'POST /things', body: { name } };
      try {
        return await api.once(keyed, async (things) => {
          secrets += 1;
          const thing = { owner, name, secret: `secret ${secrets}` };
          things.push(thing);
          return thing;
        });
      } catch (error) {
        if (error instanceof Problem && error.code === 'IDEMPOTENCY_KEY_REUSED') return 'reused';
        if (error !== CRASH) throw error;
      }
    }
  }

  const responses = await scheduler.waitFor(Promise.all(requests.map(send)));
  return { responses, things: database.things };
}

describe('create requests in every order, with crashes', () => {
  test('create one thing per key and owner, and give equal requests the same response', async () => {
    await assert(
      asyncProperty(array(request, { minLength: 1, maxLength: 8 }), schedulerOf(), async (requests, scheduler) => {
        const { responses, things } = await run(requests, scheduler);
        const ownerAndKey = ({ tenantId, principal, key }: Sent) => JSON.stringify([tenantId, principal, key]);
        const groups = new Map<
          string,
          { readonly sent: Sent; readonly response: (typeof responses)[number] | undefined }[]
        >();
        for (const [index, sent] of requests.entries()) {
          const group = groups.get(ownerAndKey(sent)) ?? [];
          groups.set(ownerAndKey(sent), [...group, { sent, response: responses[index] }]);
        }
        expect(things).toHaveLength(groups.size);
        for (const group of groups.values()) {
          const answered = group.flatMap(({ sent, response }) =>
            response === undefined || response === 'reused' ? [] : [{ sent, response }],
          );
          // The first body wins. All equal requests get its response, exactly one of them as new.
          expect(new Set(answered.map(({ response }) => JSON.stringify(response.body))).size).toBe(1);
          expect(new Set(answered.map(({ sent }) => sent.name)).size).toBe(1);
          expect(answered.filter(({ response }) => !response.isReplayed)).toHaveLength(1);
          const [winner] = answered;
          for (const { sent, response } of group) expect(response === 'reused').toBe(sent.name !== winner?.sent.name);
          const { tenantId, principal } = group[0]?.sent ?? {};
          expect(winner?.response.body.owner).toBe(JSON.stringify([tenantId, principal]));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a request', () => {
  const ACME = identityOf({ tenantId: 'acme', principal: 'ada' });
  const setUp = () => {
    const database = new MemoryIdempotentRequests<string>();
    return { database, ...createIdempotency(database, () => NOW) };
  };

  test('leaves its key free when it fails', async () => {
    const { once, database } = setUp();
    const sent = { identity: ACME, key: 'k', operation: 'POST /things', body: {} };
    const refused = new Problem('FORBIDDEN', 'no');
    await expect(once(sent, async () => Promise.reject(refused))).rejects.toBe(refused);
    expect(await once(sent, async (things) => things.push('x'))).toEqual({ body: 1, isReplayed: false });
    expect(database.things).toEqual(['x']);
  });

  test('is the same with its fields in another order, and another one for another operation', async () => {
    const { once } = setUp();
    const sent = { identity: ACME, key: 'k', operation: 'POST /things', body: { a: 1, b: { c: 2, d: 3 } } };
    await once(sent, async () => 'first');
    expect(await once({ ...sent, body: { b: { d: 3, c: 2 }, a: 1 } }, async () => 'second')).toEqual({
      body: 'first',
      isReplayed: true,
    });
    await expect(once({ ...sent, operation: 'POST /others' }, async () => 'third')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });
});
