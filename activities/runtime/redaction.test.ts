import { expect, test } from '@jest/globals';
import { oneLine, redact } from './redaction.ts';

test.each([
  ['log in with s3cretvalue99 now', 'log in with [redacted] now'],
  [`encoded ${Buffer.from('s3cretvalue99').toString('base64')}`, 'encoded [redacted]'],
  ['s3cretvalue99-and-more', '[redacted]'],
])('masks a known secret value: %s', (text, shown) => {
  expect(redact(text, ['s3cretvalue99', 's3cretvalue99-and-more'])).toBe(shown);
});

test.each([
  ['postgres://shop:hunter2@db:5432/shop', 'postgres://shop:[redacted]@db:5432/shop'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer [redacted]'],
  ['MYSQL_PASSWORD=hunter2 started', 'MYSQL_PASSWORD=[redacted] started'],
  ['{"password":"hunter2","user":"shop"}', '{"password":[redacted],"user":"shop"}'],
  ['api-key: abc', 'api-key: [redacted]'],
  ['jwt eyJhbGciOi.eyJzdWIiOi.c2ln', 'jwt [redacted]'],
])('masks text that has the form of a secret: %s', (text, shown) => {
  expect(redact(text)).toBe(shown);
});

test.each([
  'admin could not log in',
  'exceeded quota: store-quota, used: pods=15',
  'secretRef store-secrets not found',
])('keeps ordinary words: %s', (text) => {
  expect(redact(text, ['admin'])).toBe(text);
});

test('returns one line of at most the given length', () => {
  expect(oneLine('a\n\tb\u0000c  ')).toBe('a b c');
  expect(oneLine('x'.repeat(400), 300)).toHaveLength(300);
});
