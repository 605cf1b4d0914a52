import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AnsweringCluster, startAnsweringCluster } from '../../test/harness/platform/answering-cluster.ts';
import { openKube } from '../adapters/kube.ts';
import { createOrphanSearch, ORPHAN_SOURCES, type OrphanSearch } from './orphan-search.ts';

let cluster: AnsweringCluster;
let search: OrphanSearch;

/** Answers every list of metadata as an API server without objects. */
beforeAll(async () => {
  cluster = await startAnsweringCluster((_, response) => {
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: {}, items: null };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  });
  search = createOrphanSearch(openKube(cluster), 'ours');
});
afterAll(() => cluster.close());

test.each(ORPHAN_SOURCES)('a cluster without %s has no candidates of that source', async (source) => {
  expect(await search.page(source, { limit: 10, after: null })).toEqual({ candidates: [], next: null });
});
