import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Prefix of a secret in the Standard Webhooks specification. */
const SECRET_PREFIX = 'whsec_';
/** Format of an encrypted secret: the initialization vector, the tag and the ciphertext. */
const FORMAT = 'v1.';

/** Encrypts and decrypts the secrets of webhooks. A secret can only be decrypted for the webhook that it was encrypted for. */
export interface SecretBox {
  seal(secret: string, webhookId: string): string;
  /** @throws Error when the secret was encrypted with another key or for another webhook. */
  open(sealed: string, webhookId: string): string;
}

/** Returns a new secret with which a webhook signs its messages. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * Creates the encryption of secrets: AES-256-GCM.
 *
 * @param key 32 bytes as base64.
 * @throws Error when the key has another length.
 */
export function createSecretBox(key: string): SecretBox {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.byteLength !== KEY_BYTES) throw new Error(`the key of webhook secrets has not ${KEY_BYTES} bytes`);

  function seal(secret: string, webhookId: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(webhookId));
    const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${FORMAT}${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64')}`;
  }

  function open(sealed: string, webhookId: string): string {
    const data = Buffer.from(sealed.slice(FORMAT.length), 'base64');
    const iv = data.subarray(0, IV_BYTES);
    const tag = data.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    const ciphertext = data.subarray(IV_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', bytes, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(webhookId))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new Error(
        `the secret of the webhook ${webhookId} cannot be decrypted: WEBHOOK_SECRET_KEY is not the key that encrypted it`,
        { cause: error },
      );
    }
  }

  return { seal, open };
}
