import { crc32 } from 'node:zlib';
import { hashOf, newSecret, TOKEN_PREFIX } from './secrets.ts';

/** A secret, and 4 bytes of CRC-32 as base64url. */
const TOKEN_FORM = /^sp_([\w-]{43})([\w-]{6})$/;
/** Enough to recognize a token, too little to guess the other 208 bits. */
const SHOWN_CHARACTERS = 8;

export interface NewApiToken {
  readonly token: string;
  readonly hash: Buffer;
  /** The first characters, which the list of tokens shows. */
  readonly prefix: string;
}

/** Creates an API token. The checksum lets the API and scanners recognize a wrong one without the database. */
export function newApiToken(): NewApiToken {
  const { secret } = newSecret();
  const token = `${TOKEN_PREFIX}${secret}${checksumOf(secret)}`;
  return { token, hash: hashOf(token), prefix: token.slice(0, TOKEN_PREFIX.length + SHOWN_CHARACTERS) };
}

/** Returns whether a text has the form and the checksum of an API token. */
export function isApiToken(text: string): boolean {
  const [, secret = '', checksum] = TOKEN_FORM.exec(text) ?? [];
  return checksum !== undefined && checksum === checksumOf(secret);
}

function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString('base64url');
}
