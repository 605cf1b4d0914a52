import { ENGINES, type Engine } from '../domain/engines/index.ts';
import type { OrdersReport } from './cases/orders.ts';
import { milliseconds } from './report.ts';
import { percentile } from './statistics.ts';
import { PROVISION_STEPS } from '../domain/operations/catalogue.ts';

/** `cold`: the node has no image of the store and pulls each one from a registry on this machine. */
export const IMAGE_CACHES = ['warm', 'cold'] as const;
export type ImageCache = (typeof IMAGE_CACHES)[number];

/** Measurements of one store. Times in milliseconds. */
export interface StoreRun {
  readonly engine: Engine;
  readonly cache: ImageCache;
  /** From the request until the verification order is placed. */
  readonly orderPlacedMs: number;
  /** From the request to ready: the verification order is cancelled and all pods are ready. */
  readonly readyMs: number;
  /** From the request until the first pod exists. */
  readonly firstPodMs: number;
  /** From the request until all pods are ready that do not belong to a Job. They become ready after the setup Job. */
  readonly podsReadyMs: number;
  /** Duration of each step of the provision. */
  readonly steps: Readonly<Record<string, number>>;
  /** Duration of each container of the setup Job. Kubernetes reports whole seconds. */
  readonly setup: Readonly<Record<string, number>>;
  /** From the start of the first image pull to the end of the last one. Null: the images were on the node. */
  readonly pullingMs: number | null;
  /** Sum of the durations of all verification requests, from the first one to the cancellation of the order. */
  readonly verificationMs: number;
  /** Null: not measured. */
  readonly usage: StoreUsage | null;
}

export interface StoreUsage {
  /** Working set of each pod in bytes, while the store is idle. */
  readonly memory: Readonly<Record<string, number>>;
  readonly orders: OrdersReport;
}

type MeasuredUsage = StoreUsage & Pick<StoreRun, 'engine'>;

/** Time from the start of await-ready until a store reports that its image can't be pulled. */
export interface MissingImage {
  readonly engine: Engine;
  readonly reportedMs: number;
}

const MIB = 2 ** 20;
const HEADINGS: Readonly<Record<ImageCache, string>> = { warm: 'images on the node', cold: 'images pulled' };

/** Returns the results as Markdown tables, as docs/benchmarks.md shows them. */
export function nodeReport(runs: readonly StoreRun[], missing: readonly MissingImage[]): string {
  const measured = runs.flatMap(({ engine, usage }) => (usage === null ? [] : [{ engine, ...usage }]));
  const parts = [timesTable(runs), memoryTable(measured), ordersTable(measured), missingTable(missing)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function timesTable(runs: readonly StoreRun[]): string {
  const columns = ENGINES.flatMap((engine) =>
    IMAGE_CACHES.map((cache) => ({
      title: `${engine}, ${HEADINGS[cache]}`,
      runs: runs.filter((run) => run.engine === engine && run.cache === cache),
    })),
  ).filter((column) => column.runs.length > 0);
  const p50 = (all: readonly StoreRun[], of: (run: StoreRun) => number | null | undefined): string => {
    const values = all.map(of).filter((value) => typeof value === 'number');
    return values.length === 0 ? '–' : milliseconds(percentile(values, 50));
  };
  const row = (what: string, of: (run: StoreRun) => number | null | undefined) =>
    line([what, ...columns.map((column) => p50(column.runs, of))]);
  const containers = [...new Set(runs.flatMap(({ setup }) => Object.keys(setup)))];
  return table(
    ['p50 (number of stores)', ...columns.map(({ title, runs: all }) => `${title} (${all.length})`)],
    [
      row('**request until the verification order is placed**', ({ orderPlacedMs }) => orderPlacedMs),
      line([
        'minimum and maximum',
        ...columns.map((column) => range(column.runs.map(({ orderPlacedMs }) => orderPlacedMs))),
      ]),
      row('request to ready (verification order cancelled, all pods ready)', ({ readyMs }) => readyMs),
      ...PROVISION_STEPS.map((step) => row(`step ${step}`, ({ steps }) => steps[step])),
      row('in await-ready: image pulls', ({ pullingMs }) => pullingMs),
      ...containers.map((name) => row(`in await-ready: setup container ${name}`, ({ setup }) => setup[name])),
      row('verification requests, sum of their durations', ({ verificationMs }) => verificationMs),
      row('first pod exists until all pods are ready', ({ firstPodMs, podsReadyMs }) => podsReadyMs - firstPodMs),
      row('**platform overhead** until the verification order is placed', (run) => overheadMs(run, run.orderPlacedMs)),
      row('platform overhead until the store is ready', (run) => overheadMs(run, run.readyMs)),
    ],
  );
}

/** Returns the time before the first pod exists plus the time after all pods are ready, until `untilMs`. */
function overheadMs({ firstPodMs, podsReadyMs }: StoreRun, untilMs: number): number {
  return untilMs - Math.max(0, Math.min(untilMs, podsReadyMs) - firstPodMs);
}

function range(values: readonly number[]): string {
  return `${(Math.min(...values) / 1_000).toFixed(1)}–${(Math.max(...values) / 1_000).toFixed(1)} s`;
}

function memoryTable(measured: readonly MeasuredUsage[]): string {
  const rows = measured.map(({ engine, memory }) => {
    const pods = Object.entries(memory).map(([pod, bytes]) => `${pod} ${mib(bytes)}`);
    const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
    return line([engine, pods.join(', '), `${mib(total)} MiB`, ((1_024 * MIB) / total).toFixed(1)]);
  });
  return table(['store', 'idle memory per pod (MiB)', 'total', 'stores per GiB'], rows);
}

function ordersTable(measured: readonly MeasuredUsage[]): string {
  const headings = [
    '20 customers per second for 30 s',
    'orders placed',
    'median time of an order',
    'failed orders (step: reason)',
    'CPU time of the pods',
    'peak memory per pod (MiB)',
  ];
  return table(headings, measured.map(ordersRow));
}

function ordersRow({ engine, orders }: MeasuredUsage): string {
  const { attempted, placed, medianSeconds, failed, pods } = orders;
  const failures = Object.entries(failed).map(([reason, count]) => `${count} × ${reason.replaceAll('|', ' ')}`);
  const cpu = Object.values(pods).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const peaks = Object.entries(pods).map(([pod, { peakBytes }]) => `${pod} ${mib(peakBytes)}`);
  return line([
    engine,
    `${placed} of ${attempted}`,
    medianSeconds === null ? '–' : `${medianSeconds.toFixed(1)} s`,
    failures.join('; ') || '–',
    `${cpu.toFixed(0)} s`,
    peaks.join(', '),
  ]);
}

function missingTable(missing: readonly MissingImage[]): string {
  const rows = missing.map(({ engine, reportedMs }) => line([engine, milliseconds(reportedMs)]));
  return table(['store with a missing image', 'time until the cause is reported'], rows);
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

/** Returns an empty string when there are no rows. */
function table(headings: readonly string[], rows: readonly string[]): string {
  return rows.length === 0 ? '' : [line(headings), line(headings.map(() => '---')), ...rows].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
