import { expect, test } from '@jest/globals';
import { parseCounters, workBetween } from './api-server.ts';

const METRICS = (gets: number, bytes: number) => `# HELP apiserver_request_total Counter
apiserver_request_total{code="200",resource="pods",verb="GET"} ${gets}
apiserver_request_total{code="200",resource="pods",verb="LIST"} 3
apiserver_request_total{code="0",resource="pods",verb="WATCH"} 70
apiserver_response_sizes_sum{resource="pods",verb="LIST"} ${bytes}
apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4096
`;

test('reads requests, bytes and the size of the database, without watches', () => {
  const { requests, answerBytes, databaseBytes } = parseCounters(METRICS(5, 1e3), 0);
  expect(Object.fromEntries(requests)).toEqual({ GET: 5, LIST: 3 });
  expect({ answerBytes, databaseBytes }).toEqual({ answerBytes: 1_000, databaseBytes: 4_096 });
});

test('subtracts what the API server does anyway, in proportion to the time', () => {
  const at = (atMs: number, gets: number, bytes: number) => parseCounters(METRICS(gets, bytes), atMs);
  const work = workBetween([at(0, 100, 1_000), at(2_000, 160, 3_000)], [at(0, 0, 0), at(1_000, 10, 400)]);
  expect(work).toEqual({ requests: 40, bytes: 1_200 });
});
