import { expect, test } from '@jest/globals';
import { hashPassword, isPassword } from './passwords.ts';

const PASSWORD = 'correct horse battery staple';

test('recognizes the password of a hash, and no other one', async () => {
  const hash = await hashPassword(PASSWORD);
  expect(hash).toMatch(/^scrypt\$32768\$8\$1\$[\w+/=]{24}\$[\w+/=]{44}$/);
  expect(await isPassword(PASSWORD, hash)).toBe(true);
  expect(await isPassword(`${PASSWORD} `, hash)).toBe(false);
});

test('gives equal passwords different hashes', async () => {
  const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  expect(one).not.toBe(other);
});

test('recognizes a password in another Unicode form', async () => {
  const hash = await hashPassword('caf\u00e9 cafe\u0301 12');
  expect(await isPassword('cafe\u0301 caf\u00e9 12', hash)).toBe(true);
});

test('accepts no password without a hash, also not one that a hash of zeros would have', async () => {
  for (const password of ['', 'x', PASSWORD, '\0'.repeat(32)])
    expect(await isPassword(password, undefined)).toBe(false);
});
