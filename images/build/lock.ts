import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readBytes, readText } from '../../domain/bounded-response.ts';
import { ImageError } from './image-error.ts';

/** File of a chart with the digests of its images, by `repository:tag`. The templates of the chart read it. */
const FILE = 'digests.json';

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const TIMEOUT_MS = 30_000;
const MAX_MANIFEST_BYTES = 4_194_304;
const MAX_TOKEN_BYTES = 65_536;

export interface LockOptions {
  /** Folder with one folder per chart. */
  readonly chartsFolder: string;
  /** Registry of every image whose repository names none. */
  readonly registry: string;
  readonly fetchImpl: typeof fetch;
  /** Returns the credentials for a registry as `base64(user:password)`, or undefined for anonymous access. */
  readonly credentialsOf: (host: string) => string | undefined;
  readonly log: (line: string) => void;
}

/**
 * Asks the registry for the digest of every image that the charts name, and writes the digests to the charts. An image that the
 * registry does not return keeps its earlier digest.
 *
 * @returns one sentence for each image that the registry did not return.
 */
export async function lockImages(options: LockOptions): Promise<readonly string[]> {
  const problems: string[] = [];
  const digests = new Map<string, string | undefined>();
  for (const chart of await chartsIn(options.chartsFolder)) {
    const path = join(options.chartsFolder, chart, FILE);
    const earlier = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(path, 'utf8').catch(() => '{}')));
    const locked: Record<string, string> = {};
    for (const name of await imagesOf(join(options.chartsFolder, chart))) {
      if (!digests.has(name)) digests.set(name, await tryDigestOf(name, options, problems));
      const digest = digests.get(name) ?? earlier[name];
      if (digest !== undefined) locked[name] = digest;
    }
    await writeFile(`${path}.part`, `${JSON.stringify(locked, null, 2)}\n`);
    await rename(`${path}.part`, path);
    options.log(`${chart}: ${Object.keys(locked).length} digests in ${path}`);
  }
  return problems;
}

async function chartsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Returns the images in a chart's values as `repository:tag`, sorted. */
async function imagesOf(chart: string): Promise<readonly string[]> {
  const { appVersion } = z.object({ appVersion: z.string() }).parse(await readYaml(join(chart, 'Chart.yaml')));
  return [...new Set(imagesIn(await readYaml(join(chart, 'values.yaml')), appVersion))].toSorted();
}

function imagesIn(values: unknown, appVersion: string): readonly string[] {
  if (typeof values !== 'object' || values === null) return [];
  const image = z.object({ repository: z.string(), tag: z.string() }).safeParse(values);
  if (image.success) return [`${image.data.repository}:${image.data.tag || appVersion}`];
  return Object.values(values).flatMap((value) => imagesIn(value, appVersion));
}

async function readYaml(path: string): Promise<unknown> {
  return parse(await readFile(path, 'utf8'));
}

async function tryDigestOf(name: string, options: LockOptions, problems: string[]): Promise<string | undefined> {
  try {
    const digest = await digestOf(name, options);
    options.log(`${name} has the digest ${digest}`);
    return digest;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** Returns the digest of an image, which it computes from the manifest. @throws ImageError when the registry does not return it. */
async function digestOf(name: string, { registry, fetchImpl, credentialsOf }: LockOptions): Promise<string> {
  const { host, path, tag } = addressOf(name, registry);
  const scheme = /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(host) ? 'http' : 'https';
  const url = `${scheme}://${host}/v2/${path}/manifests/${tag}`;
  const credentials = credentialsOf(host);
  const get = async (address: string, headers: Readonly<Record<string, string>>): Promise<Response> => {
    try {
      return await fetchImpl(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new ImageError(`the registry ${host} does not answer for the image ${name}: pass --registry`, { cause });
    }
  };
  const accept = { accept: MANIFEST_TYPES.join(', ') };
  let response = await get(url, accept);
  if (response.status === 401) {
    const challenge = response.headers.get('www-authenticate') ?? '';
    const authorization = await authorizationFor(challenge, credentials, get);
    response = await get(url, { ...accept, ...(authorization === undefined ? {} : { authorization }) });
  }
  if (!response.ok) {
    const advice = response.status === 404 ? 'push it first' : 'check the registry and log in with docker login';
    throw new ImageError(`the registry ${host} answered ${response.status} for the image ${path}:${tag}: ${advice}`);
  }
  const manifest = await readBytes(response, MAX_MANIFEST_BYTES);
  if (manifest === undefined) throw new ImageError(`the manifest of ${path}:${tag} at ${host} is larger than 4 MiB`);
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  const stated = response.headers.get('docker-content-digest');
  if (stated !== null && stated !== digest)
    throw new ImageError(`the registry ${host} returned a manifest of ${path}:${tag} that does not match its digest`);
  return digest;
}

/** Splits an image name as container runtimes do. */
function addressOf(
  name: string,
  registry: string,
): { readonly host: string; readonly path: string; readonly tag: string } {
  const separator = name.lastIndexOf(':');
  const [repository, tag] = [name.slice(0, separator), name.slice(separator + 1)];
  const full = /^([^/]*[.:][^/]*|localhost)\//.test(repository) ? repository : `${registry}/${repository}`;
  const slash = full.indexOf('/');
  const [host, path] = [full.slice(0, slash), full.slice(slash + 1)];
  if (host !== 'docker.io') return { host, path, tag };
  return { host: 'registry-1.docker.io', path: path.includes('/') ? path : `library/${path}`, tag };
}

/** Returns the value of the header `Authorization` that answers a challenge of the registry. */
async function authorizationFor(
  challenge: string,
  credentials: string | undefined,
  get: (address: string, headers: Readonly<Record<string, string>>) => Promise<Response>,
): Promise<string | undefined> {
  const basic = credentials === undefined ? undefined : `Basic ${credentials}`;
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const realm = fields['realm'] ?? '';
  if (!/^bearer /i.test(challenge) || !URL.canParse(realm)) return basic;
  const url = new URL(realm);
  for (const key of ['service', 'scope']) if (fields[key] !== undefined) url.searchParams.set(key, fields[key]);
  const response = await get(url.href, basic === undefined ? {} : { authorization: basic });
  if (!response.ok) return undefined;
  const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });
  const { token, access_token } = Token.parse(JSON.parse(await readText(response, MAX_TOKEN_BYTES)));
  return `Bearer ${token ?? access_token ?? ''}`;
}

const DockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
});

/** Reads the credentials that `docker login` saved. Returns none when the file does not exist or a credential helper has them. */
export async function dockerCredentials(path: string): Promise<(host: string) => string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const { auths } = DockerConfig.parse(JSON.parse(text));
  return (host) => {
    const names = host === 'registry-1.docker.io' ? ['https://index.docker.io/v1/', 'docker.io', host] : [host];
    return names.map((name) => auths[name]?.auth).find((auth) => auth !== undefined && auth !== '');
  };
}
