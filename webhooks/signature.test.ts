import { expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { activeSecrets, rotateSecrets, SECRET_OVERLAP_MS, type StoredSecret } from '../domain/webhooks.ts';
import { newSecret } from './secrets.ts';
import { signatureHeaders } from './signature.ts';

const BODY = JSON.stringify({ type: 'ping' });

test('every secret of a rotation verifies the message, and no other secret does', () => {
  const [former, present, other] = [newSecret(), newSecret(), newSecret()];
  const headers = {
    ...signatureHeaders({ messageId: 'msg_1', at: new Date(), body: BODY, secrets: [present, former] }),
  };
  for (const secret of [former, present]) expect(new Webhook(secret).verify(BODY, headers)).toEqual({ type: 'ping' });
  expect(() => new Webhook(other).verify(BODY, headers)).toThrow();
  expect(() => new Webhook(present).verify(`${BODY} `, headers)).toThrow();
  expect(() => new Webhook(present).verify(BODY, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
});

test('an old message does not verify', () => {
  const secret = newSecret();
  const at = new Date(Date.now() - 600_000);
  const headers = { ...signatureHeaders({ messageId: 'msg_1', at, body: BODY, secrets: [secret] }) };
  expect(() => new Webhook(secret).verify(BODY, headers)).toThrow();
});

test('a rotated secret signs for 24 hours, also when another rotation follows', () => {
  const start = new Date('2026-01-02T00:00:00.000Z');
  const after = (ms: number) => new Date(start.getTime() + ms);
  const names = (secrets: readonly StoredSecret[], now: Date) =>
    activeSecrets(secrets, now).map(({ sealed }) => sealed);
  const first: StoredSecret = { sealed: 'first', createdAt: start.toISOString(), expiresAt: null };
  const second = rotateSecrets([first], { sealed: 'second', now: start });
  const third = rotateSecrets(second, { sealed: 'third', now: after(1_000) });
  expect(names(third, after(1_000))).toEqual(['third', 'second', 'first']);
  expect(names(third, after(SECRET_OVERLAP_MS))).toEqual(['third', 'second']);
  expect(names(third, after(SECRET_OVERLAP_MS + 1_000))).toEqual(['third']);
});
