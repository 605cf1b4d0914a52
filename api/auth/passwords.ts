import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Problem } from '../problems/problem.ts';

export const MIN_PASSWORD_LENGTH = 12;
/** A longer text would cost time before scrypt starts. */
export const MAX_PASSWORD_LENGTH = 1_024;

/** Parameters of OWASP for scrypt with 32 MiB. A hash stores its own ones, so that they can be raised later. */
const PARAMETERS = { cost: 2 ** 15, blockSize: 8, parallelization: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Scrypt runs in the thread pool of Node, which has four threads. Two are left for everything else. */
const MAX_RUNNING = 2;
/** Logins that wait for a thread. A queue without a limit would answer each login too late. */
const MAX_WAITING = 50;
const RETRY_AFTER_SECONDS = 5;

type Parameters = typeof PARAMETERS;

let running = 0;
const waiting: (() => void)[] = [];

/** Returns the salt, the parameters and the result of scrypt for a new password. @throws Problem LOGIN_THROTTLED */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return format(salt, await deriveKey(password, salt, PARAMETERS));
}

function format(salt: Buffer, key: Buffer): string {
  const { cost, blockSize, parallelization } = PARAMETERS;
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64'), key.toString('base64')].join('$');
}

/** The hash with which a password of an unknown person is compared. */
const DUMMY_HASH = format(Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/**
 * Returns whether a password has the hash. Without a hash, it takes the same time and returns false, so that the time of
 * a response does not show whether a person exists.
 *
 * @throws Problem LOGIN_THROTTLED
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const { salt, key, parameters } = parse(hash ?? DUMMY_HASH);
  const derived = await deriveKey(password, salt, parameters);
  return timingSafeEqual(derived, key) && hash !== undefined;
}

function parse(hash: string): { readonly salt: Buffer; readonly key: Buffer; readonly parameters: Parameters } {
  const [kind, cost, blockSize, parallelization, salt = '', key = ''] = hash.split('$');
  if (kind !== 'scrypt') throw new Error('a password hash is not of scrypt');
  return {
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
    parameters: { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) },
  };
}

/** Derives the key of a password. The same text in another Unicode form is the same password. */
async function deriveKey(password: string, salt: Buffer, parameters: Parameters): Promise<Buffer> {
  await acquireThread();
  try {
    return await new Promise((resolve, reject) => {
      const options = { ...parameters, maxmem: MAX_MEMORY_BYTES };
      scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    releaseThread();
  }
}

async function acquireThread(): Promise<void> {
  if (running < MAX_RUNNING) {
    running += 1;
    return;
  }
  if (waiting.length >= MAX_WAITING) {
    throw new Problem('LOGIN_THROTTLED', 'Too many people log in at this moment. Try again shortly.', {
      headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
    });
  }
  // The call that ends hands its thread to this one.
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function releaseThread(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}
