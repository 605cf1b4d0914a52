import { ENGINES, type Engine } from '../domain/engines/index.ts';
import type { OrdersReport } from './cases/orders.ts';
import { milliseconds } from './report.ts';
import { percentile } from './statistics.ts';
import { PROVISION_STEPS } from '../domain/operations/catalogue.ts';

/** `cold`: the node has no image of the store, and pulls each from a registry on this machine. */
export const IMAGE_CACHES = ['warm', 'cold'] as const;
export type ImageCache = (typeof IMAGE_CACHES)[number];

/** One store, from its request on. Times in milliseconds. */
export interface StoreRun {
  readonly engine: Engine;
  readonly cache: ImageCache;
  /** From the request until the store had taken the order that proved it; so are the next three. */
  readonly orderTakenMs: number;
  /** Until the store was ready: the order taken back, all pods ready. */
  readonly readyMs: number;
  /** Until the first pod was there. */
  readonly firstPodMs: number;
  /** Until the last of the pods that keep running was ready, which is after the set-up's work. */
  readonly podsReadyMs: number;
  /** Of the platform's steps. */
  readonly steps: Readonly<Record<string, number>>;
  /** Of the set-up Job's containers, in whole seconds: Kubernetes knows no less. */
  readonly setup: Readonly<Record<string, number>>;
  /** From the first pull to the end of the last one; null: the images were there. */
  readonly pullingMs: number | null;
  /** All answers of the store to the order that proved it, and to its taking back. */
  readonly orderMs: number;
  /** What it needed; null: it was not looked at. */
  readonly needs: StoreNeeds | null;
}

export interface StoreNeeds {
  /** While nobody visits: by pod, in bytes, without caches of files that the kernel may drop. */
  readonly memory: Readonly<Record<string, number>>;
  readonly orders: OrdersReport;
}

type Observed = StoreNeeds & Pick<StoreRun, 'engine'>;

/** Until a store says that its image can't be pulled. */
export interface MissingImage {
  readonly engine: Engine;
  readonly namedMs: number;
}

const MIB = 2 ** 20;
const HEADINGS: Readonly<Record<ImageCache, string>> = { warm: 'images on the node', cold: 'images pulled' };

/** What was measured, as README.md shows it. */
export function nodeReport(runs: readonly StoreRun[], missing: readonly MissingImage[]): string {
  const observed = runs.flatMap(({ engine, needs }) => (needs === null ? [] : [{ engine, ...needs }]));
  const parts = [timesTable(runs), memoryTable(observed), ordersTable(observed), missingTable(missing)];
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
    ['p50 of the runs (their number)', ...columns.map(({ title, runs: all }) => `${title} (${all.length})`)],
    [
      row('**request to an order taken**', ({ orderTakenMs }) => orderTakenMs),
      line(['least and most', ...columns.map((column) => spread(column.runs.map(({ orderTakenMs }) => orderTakenMs)))]),
      row('request to ready: the order is taken back, too, and all pods are up', ({ readyMs }) => readyMs),
      ...PROVISION_STEPS.map((step) => row(step, ({ steps }) => steps[step])),
      row('in await-ready: pulling images', ({ pullingMs }) => pullingMs),
      ...containers.map((name) => row(`in await-ready: set-up, ${name}`, ({ setup }) => setup[name])),
      row('the order and its taking back, answer by answer', ({ orderMs }) => orderMs),
      row('from the first pod until all are ready', ({ firstPodMs, podsReadyMs }) => podsReadyMs - firstPodMs),
      row("**the platform's share** until an order is taken: all but that", (run) => shareMs(run, run.orderTakenMs)),
      row("the platform's share until the store is ready", (run) => shareMs(run, run.readyMs)),
    ],
  );
}

/** Of the time since the request, what passed before the first pod was there and after the last one was ready. */
function shareMs({ firstPodMs, podsReadyMs }: StoreRun, untilMs: number): number {
  return untilMs - Math.max(0, Math.min(untilMs, podsReadyMs) - firstPodMs);
}

function spread(values: readonly number[]): string {
  return `${(Math.min(...values) / 1_000).toFixed(1)}–${(Math.max(...values) / 1_000).toFixed(1)} s`;
}

function memoryTable(observed: readonly Observed[]): string {
  const rows = observed.map(({ engine, memory }) => {
    const pods = Object.entries(memory).map(([pod, bytes]) => `${pod} ${mib(bytes)}`);
    const whole = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
    return line([engine, pods.join(', '), `${mib(whole)} MiB`, ((1_024 * MIB) / whole).toFixed(1)]);
  });
  return table(['store', 'idle memory by pod, MiB', 'in all', 'stores per GiB'], rows);
}

function ordersTable(observed: readonly Observed[]): string {
  const headings = [
    '20 customers a second for 30 s',
    'orders placed',
    'median of those',
    'what the others were told',
    'processor time of its pods',
    'most memory, MiB',
  ];
  return table(headings, observed.map(ordersRow));
}

function ordersRow({ engine, orders }: Observed): string {
  const { offered, placed, medianSeconds, refused, pods } = orders;
  const others = Object.entries(refused).map(([answer, count]) => `${count} × ${answer.replaceAll('|', ' ')}`);
  const cpu = Object.values(pods).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const peaks = Object.entries(pods).map(([pod, { peakBytes }]) => `${pod} ${mib(peakBytes)}`);
  return line([
    engine,
    `${placed} of ${offered}`,
    medianSeconds === null ? '–' : `${medianSeconds.toFixed(1)} s`,
    others.join('; ') || '–',
    `${cpu.toFixed(0)} s`,
    peaks.join(', '),
  ]);
}

function missingTable(missing: readonly MissingImage[]): string {
  const rows = missing.map(({ engine, namedMs }) => line([engine, milliseconds(namedMs)]));
  return table(['an image that is missing', 'named after'], rows);
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

/** Nothing when there are no rows. */
function table(headings: readonly string[], rows: readonly string[]): string {
  return rows.length === 0 ? '' : [line(headings), line(headings.map(() => '---')), ...rows].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
