import { expect, test } from '@jest/globals';
import { loadReport } from './report.ts';

const MIB = 1024 * 1024;
const spread = { p50: 1, p95: 2.34, max: 3 };

test('a table has one row for each measurement, and no table for one that was left out', () => {
  const creations = [{ workers: 2, stores: 600, accepted: spread, ready: spread, seconds: 1_200 }];
  const text = loadReport({ creations, reads: undefined, churn: undefined });
  expect(text).toContain('| 600 | 2 | 1 / 2 / 3 ms | 1.0 / 2.3 / 3.0 s | 1200.0 s | 30 |');
  expect(text.match(/\| --- /g)?.length).toBe(6);
});

test('failed reads and the growth of each process are in the tables', () => {
  const latency = { p50: 2, p97_5: 5, p99: 8, max: 40 };
  const text = loadReport({
    creations: [],
    reads: { records: 100_000, requestsPerSecond: 200, seconds: 60, responses: 11_998, failures: 2, latency },
    churn: { minutes: 60, stores: 1_500, memory: [{ process: 'api', before: 100 * MIB, after: 98 * MIB }] },
  });
  expect(text).toContain('| 100,000 | 200 | 11,998 | 2 | 2 / 5 / 8 / 40 ms |');
  expect(text).toContain('| api | 100 MiB | 98 MiB | -2.0 % |');
});
