import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: no attacker finds such a secret by trying. */
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/** Returns a new random secret, as text that fits into a URL and a cookie. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Returns whether a text has the form of a secret. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** Returns the SHA-256 of a secret. A secret is random, so it needs no salt and no slow hash. */
export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
