import { expect, test } from '@jest/globals';
import { createLoginLimiter } from './login-limiter.ts';

const throttled = { code: 'LOGIN_THROTTLED', headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) } };

async function fail(times: number, attempt: (count: number) => { address: string; account?: string }) {
  const limiter = createLoginLimiter();
  for (let count = 0; count < times; count += 1) await limiter.begin(attempt(count));
  return limiter;
}

test('refuses an account after 10 failures, from any address, with or without capitals', async () => {
  const limiter = await fail(10, (count) => ({ address: `10.0.0.${count}`, account: 'ada@example.com' }));
  await expect(limiter.begin({ address: '10.1.1.1', account: 'ADA@example.com' })).rejects.toMatchObject(throttled);
  await limiter.begin({ address: '10.1.1.1', account: 'other@example.com' });
});

test('refuses an address after 30 failures, with any account or none', async () => {
  const limiter = await fail(30, (count) => ({ address: '10.0.0.1', account: `user-${count}@example.com` }));
  await expect(limiter.begin({ address: '10.0.0.1', account: 'ada@example.com' })).rejects.toMatchObject(throttled);
  await expect(limiter.begin({ address: '10.0.0.1' })).rejects.toMatchObject(throttled);
  await limiter.begin({ address: '10.0.0.2', account: 'ada@example.com' });
});

test('lets exactly 10 of many concurrent attempts at an account check a password', async () => {
  const limiter = createLoginLimiter();
  const attempts = Array.from({ length: 25 }, () => limiter.begin({ address: '10.0.0.1', account: 'a@example.com' }));
  const results = await Promise.allSettled(attempts);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
});

test('does not count a login that succeeds', async () => {
  const limiter = createLoginLimiter();
  const attempt = { address: '10.0.0.1', account: 'ada@example.com' };
  for (let count = 0; count < 100; count += 1) {
    await limiter.begin(attempt);
    await limiter.succeed(attempt);
  }
});
