import { createHash, randomBytes } from 'node:crypto';

/** A new secret, and its hash for the database. */
export interface NewSecret {
  readonly secret: string;
  readonly hash: Buffer;
}

const SECRET_BYTES = 32;

/** First characters of every API token. */
export const TOKEN_PREFIX = 'sp_';

/** Creates a random secret, as text that fits into a URL and a cookie. */
export function newSecret(): NewSecret {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

/** Returns the SHA-256 of a secret. Only the hash is stored. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
