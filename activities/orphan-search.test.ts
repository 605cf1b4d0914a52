import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openKube } from './adapters/kube.ts';
import { createOrphanSearch, ORPHAN_SOURCES, type OrphanSearch } from './orphan-search.ts';

let folder: string;
let server: Server;
let search: OrphanSearch;

/** Answers as an API server does that has nothing of ours, and was asked for metadata only. */
beforeAll(async () => {
  server = createServer((_, response) => {
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: {}, items: null };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server on a port has such an address
  folder = await mkdtemp(join(tmpdir(), 'orphan-search-test-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const content = {
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(content));
  search = createOrphanSearch(openKube({ context: 'here', kubeconfig }));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

test.each(ORPHAN_SOURCES)('a cluster without any of the %s has no orphans among them', async (source) => {
  expect(await search.page(source, { limit: 10, after: null })).toEqual({ candidates: [], next: null });
});
