import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dockerCredentials, lockImages } from './lock.ts';

/** A registry on this machine: manifests by `path:tag`, with a token service as the registries of vendors have. */
const manifests = new Map<string, string>();
let stated: string | undefined;
let login: string | undefined;
let server: Server;
let host: string;
let charts: string;

beforeEach(async () => {
  manifests.clear();
  stated = undefined;
  login = undefined;
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${host}`);
    if (pathname === '/token') {
      const isAllowed = login === undefined || request.headers.authorization === `Basic ${login}`;
      response.writeHead(isAllowed ? 200 : 401).end(JSON.stringify({ token: `for ${searchParams.get('scope')}` }));
      return;
    }
    const [, path = '', tag = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(pathname) ?? [];
    const scope = `repository:${path}:pull`;
    if (request.headers.authorization !== `Bearer for ${scope}`) {
      const challenge = `Bearer realm="http://${host}/token",service="test",scope="${scope}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    const manifest = manifests.get(`${path}:${tag}`);
    if (manifest === undefined || request.headers.accept?.includes('image.index') !== true) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'docker-content-digest': stated ?? digestOf(manifest) }).end(manifest);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  charts = await mkdtemp(join(tmpdir(), 'store-platform-lock-'));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  await rm(charts, { recursive: true });
});

function digestOf(manifest: string): string {
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}

async function addChart(name: string, values: string): Promise<void> {
  await mkdir(join(charts, name));
  await writeFile(join(charts, name, 'Chart.yaml'), 'appVersion: "1.2.3"\n');
  await writeFile(join(charts, name, 'values.yaml'), values);
}

async function locked(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(charts, name, 'digests.json'), 'utf8'));
}

function lock(credentialsOf: (host: string) => string | undefined = () => undefined) {
  return lockImages({ chartsFolder: charts, registry: `${host}/hub`, fetchImpl: fetch, credentialsOf, log: () => {} });
}

const VALUES = "image: { repository: shop, tag: '' }\ndb: { image: { repository: database, tag: '11' } }\n";

describe('lockImages', () => {
  test('writes the digest of each image to the chart, after it has asked the token service', async () => {
    await addChart('woocommerce', VALUES);
    manifests.set('hub/shop:1.2.3', '{"shop":1}').set('hub/database:11', '{"database":1}');
    expect(await lock()).toEqual([]);
    expect(await locked('woocommerce')).toEqual({
      'database:11': digestOf('{"database":1}'),
      'shop:1.2.3': digestOf('{"shop":1}'),
    });
  });

  test('names an image that is not pushed, locks the others, keeps an earlier digest and drops that of another tag', async () => {
    await addChart('woocommerce', VALUES);
    await writeFile(
      join(charts, 'woocommerce/digests.json'),
      '{"shop:1.2.3":"sha256:old","shop:1.2.2":"sha256:older"}',
    );
    manifests.set('hub/database:11', '{}');
    expect(await lock()).toEqual([
      expect.stringMatching(/answered 404 for the image hub\/shop:1\.2\.3: push it first/),
    ]);
    expect(await locked('woocommerce')).toEqual({ 'database:11': digestOf('{}'), 'shop:1.2.3': 'sha256:old' });
  });

  test('refuses a manifest that does not match the digest in the response', async () => {
    await addChart('woocommerce', 'image: { repository: shop, tag: a }\n');
    manifests.set('hub/shop:a', '{}');
    stated = `sha256:${'0'.repeat(64)}`;
    expect(await lock()).toEqual([expect.stringContaining('does not match its digest')]);
    expect(await locked('woocommerce')).toEqual({});
  });

  test('asks the registry that a repository names', async () => {
    await addChart('woocommerce', `image: { repository: '${host}/own/shop', tag: a }\n`);
    manifests.set('own/shop:a', '{}');
    expect(await lock()).toEqual([]);
    expect(await locked('woocommerce')).toEqual({ [`${host}/own/shop:a`]: digestOf('{}') });
  });

  test('sends the saved credentials of the registry', async () => {
    await addChart('woocommerce', 'image: { repository: shop, tag: a }\n');
    manifests.set('hub/shop:a', '{}');
    login = 'c3RvcmU6c2VjcmV0';
    expect(await lock()).toEqual([expect.stringContaining('answered 401')]);
    await writeFile(join(charts, 'config.json'), JSON.stringify({ auths: { [host]: { auth: login } } }));
    const credentialsOf = await dockerCredentials(join(charts, 'config.json'));
    expect(await lock(credentialsOf)).toEqual([]);
  });

  test('names a registry that does not answer', async () => {
    await addChart('woocommerce', 'image: { repository: 127.0.0.1:1/shop, tag: a }\n');
    expect(await lock()).toEqual([expect.stringContaining('the registry 127.0.0.1:1 does not answer')]);
  });
});
