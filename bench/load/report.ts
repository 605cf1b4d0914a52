import { machine, table } from '../report.ts';
import type { ChurnResult } from './churn.ts';
import type { CreationsResult, Spread } from './creations.ts';
import type { ReadsResult } from './reads.ts';

export interface LoadResult {
  readonly creations: readonly CreationsResult[];
  readonly reads: ReadsResult | undefined;
  readonly churn: ChurnResult | undefined;
}

const MIB = 1024 * 1024;

/** Returns the Markdown text with the tables of the measurements that were made. */
export function loadReport({ creations, reads, churn }: LoadResult): string {
  const parts = [`Measured on ${machine()}.`];
  if (creations.length > 0) {
    parts.push(
      table(
        [
          'creates at once',
          'workers',
          'response, p50 / p95 / max',
          'request to ready, p50 / p95 / max',
          'all ready',
          'stores per minute',
        ],
        creations.map((each) => [
          each.stores.toLocaleString('en'),
          String(each.workers),
          `${spread(each.accepted, 0)} ms`,
          `${spread(each.ready, 1)} s`,
          `${each.seconds.toFixed(1)} s`,
          ((each.stores * 60) / each.seconds).toFixed(0),
        ]),
      ),
    );
  }
  if (reads !== undefined) {
    const { p50, p97_5, p99, max } = reads.latency;
    parts.push(
      table(
        ['records', 'reads per second', 'responses', 'failures', 'latency, p50 / p97.5 / p99 / max'],
        [
          [
            reads.records.toLocaleString('en'),
            String(reads.requestsPerSecond),
            reads.responses.toLocaleString('en'),
            String(reads.failures),
            `${[p50, p97_5, p99, max].join(' / ')} ms`,
          ],
        ],
      ),
    );
  }
  if (churn !== undefined) {
    parts.push(
      `In ${churn.minutes} minutes, ${churn.stores.toLocaleString('en')} stores were created, became ready and were deleted.`,
      table(
        ['process', 'memory in the second third', 'memory in the last third', 'growth'],
        churn.memory.map(({ process, before, after }) => [
          process,
          `${(before / MIB).toFixed(0)} MiB`,
          `${(after / MIB).toFixed(0)} MiB`,
          `${(((after - before) * 100) / before).toFixed(1)} %`,
        ]),
      ),
    );
  }
  return parts.join('\n\n');
}

function spread({ p50, p95, max }: Spread, digits: number): string {
  return [p50, p95, max].map((value) => value.toFixed(digits)).join(' / ');
}
