import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/**
 * Reads the certificates of the authorities that the verification trusts in addition to the public ones. Returns undefined without
 * a path.
 *
 * @throws Error that names the file when it does not exist or has no certificate.
 */
export async function readStoreCa(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const ca = await readFile(path, 'utf8');
    // Node ignores text without a certificate.
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it contains no certificate in PEM');
    createSecureContext({ ca });
    return ca;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the file ${path} of STORE_CA_FILE is not valid: ${reason}`, { cause });
  }
}
