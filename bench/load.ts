import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { readOptions, wholeNumber } from './command-line.ts';
import { measureChurn } from './load/churn.ts';
import { measureCreations, type CreationsResult } from './load/creations.ts';
import { measureReads } from './load/reads.ts';
import { loadReport } from './load/report.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';

/*
 * Measures the platform under load on simulated nodes: creates at once, mixed reads at a constant rate, and memory while stores
 * are created and deleted. Each measurement has its own platform.
 */
const PAGE = 'docs/scale.md';
const USAGE = `npm run bench:load -- [--creates LIST] [--workers LIST] [--records N] [--rate N] [--seconds N] [--churn MINUTES] [--write]
  --creates LIST   numbers of creates at once, with one worker; 0: none; default: 600
  --workers LIST   numbers of workers for 60 creates at once; 0: none; default: 1,2,4
  --records N      stores of the tenant that is read; 0: no reads; default: 100000
  --rate N         reads per second; default: 200
  --seconds N      seconds of reads; default: 60
  --churn MINUTES  minutes in which stores are created and deleted; 0: none; default: 60
  --write          write the tables into ${PAGE}
  --help           print this text and exit`;
const STORES_PER_WORKERS = 60;
const LARGEST = 1_000_000;
/** A machine with two cores provisions about a store in two seconds. */
const DEADLINE_MS_PER_STORE = 10_000;

const values = readOptions(
  {
    creates: { type: 'string', default: '600' },
    workers: { type: 'string', default: '1,2,4' },
    records: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    churn: { type: 'string', default: '60' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

function number(option: string, text: string): number {
  return wholeNumber(option, text, { min: 0, max: LARGEST, usage: USAGE });
}

/** Returns the positive numbers of a list. */
function numbers(option: string, text: string): readonly number[] {
  return text
    .split(',')
    .map((each) => number(option, each))
    .filter((each) => each > 0);
}

const report = (message: string): void => void process.stderr.write(`${message}\n`);

async function onPlatform<T>(
  options: Parameters<typeof startBenchPlatform>[1],
  measure: (platform: BenchPlatform) => Promise<T>,
): Promise<T> {
  const platform = await startBenchPlatform(report, { compiled: true, ...options });
  try {
    return await measure(platform);
  } finally {
    await platform.stop();
  }
}

function createsAtOnce(stores: number, workers: number): Promise<CreationsResult> {
  report(`${stores} creates at once, ${workers} workers`);
  const deadlineMs = stores * DEADLINE_MS_PER_STORE;
  return onPlatform({}, (platform) => measureCreations(platform, { stores, workers, deadlineMs }));
}

async function main(plan: {
  readonly creates: readonly number[];
  readonly workers: readonly number[];
  readonly reads: Parameters<typeof measureReads>[1];
  readonly churnMinutes: number;
}): Promise<void> {
  const creations: CreationsResult[] = [];
  for (const workers of plan.workers) creations.push(await createsAtOnce(STORES_PER_WORKERS, workers));
  for (const stores of plan.creates) creations.push(await createsAtOnce(stores, 1));
  const { reads, churnMinutes } = plan;
  const result = {
    creations,
    reads:
      reads.records === 0
        ? undefined
        : await onPlatform({ authenticated: true }, (platform) => measureReads(platform, reads)),
    churn: churnMinutes === 0 ? undefined : await onPlatform({}, (platform) => measureChurn(platform, churnMinutes)),
  };
  const text = loadReport(result);
  process.stdout.write(`${text}\n`);
  if (values.write) await writeMarkedSection(PAGE, 'load', text);
}

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  await main({
    creates: numbers('creates', values.creates),
    workers: numbers('workers', values.workers),
    reads: {
      records: number('records', values.records),
      rate: number('rate', values.rate),
      seconds: number('seconds', values.seconds),
    },
    churnMinutes: number('churn', values.churn),
  });
}
