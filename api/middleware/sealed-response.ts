import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a response that may contain a secret. The key comes from the Idempotency-Key, which is not stored, so the
 * database alone does not reveal the response.
 *
 * @param context Text to which the response is bound. A response that was copied to another row cannot be opened.
 */
export function seal(response: unknown, idempotencyKey: string, context: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(idempotencyKey, salt, context), iv);
  const encrypted = Buffer.concat([cipher.update(JSON.stringify(response), 'utf8'), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), encrypted]);
}

/** Decrypts a response. @throws Error if it was sealed with another key or context, or has changed. */
export function unseal(sealed: Buffer, idempotencyKey: string, context: string): unknown {
  const iv = SALT_BYTES + IV_BYTES;
  const key = keyOf(idempotencyKey, sealed.subarray(0, SALT_BYTES), context);
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(SALT_BYTES, iv));
  decipher.setAuthTag(sealed.subarray(iv, iv + TAG_BYTES));
  const text = Buffer.concat([decipher.update(sealed.subarray(iv + TAG_BYTES)), decipher.final()]).toString('utf8');
  return JSON.parse(text);
}

function keyOf(idempotencyKey: string, salt: Buffer, context: string): Buffer {
  return Buffer.from(hkdfSync('sha256', idempotencyKey, salt, context, KEY_BYTES));
}
