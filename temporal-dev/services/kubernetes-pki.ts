import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
// The certificate library needs the Reflect metadata API.
// oxlint-disable-next-line import/no-unassigned-import -- imported for its side effect
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  type JsonGeneralNames,
} from '@peculiar/x509';
import { writePrivateFile } from '../files.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Longer than the life of a state folder. After `npm run reset` the next start issues new certificates. */
const VALID_YEARS = 10;

/** Paths of the keys and certificates of the cluster. All files are PEM. */
export interface ClusterPki {
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly servingCertFile: string;
  readonly servingKeyFile: string;
  /** The administrator: user `admin` in group `system:masters`. */
  readonly adminCertFile: string;
  readonly adminKeyFile: string;
  readonly serviceAccountKeyFile: string;
  readonly serviceAccountPublicKeyFile: string;
}

/** Creates the keys and certificates of a cluster in `folder`, unless they exist. Returns their paths. */
export async function ensureClusterPki(folder: string): Promise<ClusterPki> {
  const files: ClusterPki = {
    caFile: join(folder, 'ca.crt'),
    caKeyFile: join(folder, 'ca.key'),
    servingCertFile: join(folder, 'serving.crt'),
    servingKeyFile: join(folder, 'serving.key'),
    adminCertFile: join(folder, 'admin.crt'),
    adminKeyFile: join(folder, 'admin.key'),
    serviceAccountKeyFile: join(folder, 'service-account.key'),
    serviceAccountPublicKeyFile: join(folder, 'service-account.pub'),
  };
  if (Object.values(files).every((file) => existsSync(file))) return files;

  const ca = await createAuthority();
  writePrivateFile(files.caFile, ca.certificate.toString('pem'));
  writePrivateFile(files.caKeyFile, await privateKeyPem(ca.keys.privateKey));
  await writeIssued(ca, [files.servingCertFile, files.servingKeyFile], {
    subject: 'CN=kubernetes',
    role: 'server',
    names: SERVING_NAMES,
  });
  await writeIssued(ca, [files.adminCertFile, files.adminKeyFile], {
    subject: 'O=system:masters, CN=admin',
    role: 'client',
  });
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writePrivateFile(files.serviceAccountKeyFile, signer.privateKey.export({ type: 'sec1', format: 'pem' }).toString());
  writePrivateFile(
    files.serviceAccountPublicKeyFile,
    signer.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  );
  return files;
}

/** The subject of a certificate. */
export interface CertificateHolder {
  /** Distinguished name. `CN` is the user, `O` is the group. */
  readonly subject: string;
  /** Extended key usage: server or client authentication. */
  readonly role: 'server' | 'client';
  /** Subject alternative names. */
  readonly names?: JsonGeneralNames;
}

/** Issues a certificate with the authority of the cluster. Does nothing when the certificate and its key exist. */
export async function ensureCertificate(
  pki: Pick<ClusterPki, 'caFile' | 'caKeyFile'>,
  files: readonly [certFile: string, keyFile: string],
  holder: CertificateHolder,
): Promise<void> {
  if (files.every((file) => existsSync(file))) return;
  await writeIssued(await readAuthority(pki), files, holder);
}

/** Names and addresses of the API server: for clients on this machine, and for pods through its Service. */
const SERVING_NAMES: JsonGeneralNames = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '10.96.0.1' },
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: 'kubernetes' },
  { type: 'dns', value: 'kubernetes.default' },
  { type: 'dns', value: 'kubernetes.default.svc' },
  { type: 'dns', value: 'kubernetes.default.svc.cluster.local' },
];

interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: { readonly privateKey: webcrypto.CryptoKey };
}

async function readAuthority({ caFile, caKeyFile }: Pick<ClusterPki, 'caFile' | 'caKeyFile'>): Promise<Authority> {
  const key = PemConverter.decodeFirst(readFileSync(caKeyFile, 'utf8'));
  return {
    certificate: new X509Certificate(readFileSync(caFile, 'utf8')),
    keys: { privateKey: await webcrypto.subtle.importKey('pkcs8', key, ALGORITHM, false, ['sign']) },
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 24 * 60 * 60 * 1_000); // the clock of a virtual machine can jump
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + VALID_YEARS);
  return { notBefore, notAfter };
}

async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(16).toString('hex'),
      name: 'CN=store-platform-local',
      ...validity(),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  return { certificate, keys };
}

/** Issues a certificate with a new key and writes both files. */
async function writeIssued(
  ca: Authority,
  [certFile, keyFile]: readonly [string, string],
  holder: CertificateHolder,
): Promise<void> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(16).toString('hex'),
      subject: holder.subject,
      issuer: ca.certificate.subject,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: ca.keys.privateKey,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage[`${holder.role}Auth`]]),
        ...(holder.names === undefined ? [] : [new SubjectAlternativeNameExtension(holder.names)]),
      ],
    },
    webcrypto,
  );
  writePrivateFile(certFile, certificate.toString('pem'));
  writePrivateFile(keyFile, await privateKeyPem(keys.privateKey));
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
