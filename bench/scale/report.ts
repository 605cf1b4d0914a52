import { machine, table } from '../report.ts';
import type { ApiServerWork } from './api-server.ts';
import type { LifeResult, PassResult } from './measure.ts';
import type { QueueResult } from './queue.ts';

/** Measurements at one number of resident stores. */
export interface SizeResult {
  readonly stores: number;
  /** Volumes in the cluster, with those of stores that exist only for the delete. */
  readonly volumes: number;
  /** Whether the controllers had read the copies. If not, their work cannot be separated from that of a step. */
  readonly isQuiet: boolean;
  readonly life: LifeResult;
  /** Null: only a store's life was measured. */
  readonly passes: { readonly reconcile: PassResult; readonly verify: PassResult } | null;
  /** Resident memory by process, in bytes. */
  readonly memory: Readonly<Record<string, number>>;
  readonly etcdBytes: number;
}

export interface ScaleResult {
  readonly sizes: readonly SizeResult[];
  readonly queue: readonly QueueResult[];
  readonly objectsPerStore: number;
  /** Rates of the passes in this run, in stores per second. Default of the platform: see docs/configuration.md. */
  readonly copiesPerSecond: number;
}

const TARGET_STORES = 10_000;
const MIB = 2 ** 20;

interface Row {
  readonly title: string;
  readonly of: (size: SizeResult) => number | null;
  readonly unit: (value: number) => string;
}

/** Default settings of the passes: stores per second, and the shortest time between the starts of two passes. */
const INSPECTIONS_PER_SECOND = 10;
const MIN_RECONCILE_SECONDS = 300;
const VERIFY_SECONDS = 3_600;

/** Returns the requests per store and minute of both passes, at the default rates. */
function requestsPerMinute(stores: number, requests: { readonly reconcile: number; readonly verify: number }): number {
  const passSeconds = Math.max(MIN_RECONCILE_SECONDS, stores / INSPECTIONS_PER_SECOND);
  return requests.reconcile * (60 / passSeconds) + requests.verify * (60 / VERIFY_SECONDS);
}

const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const count = (value: number) => (value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en'));
const kib = (value: number) => `${count(value / 1_024)} KiB`;
const mib = (value: number) => `${count(value / MIB)} MiB`;

const perStore = (pass: PassResult | undefined, of: (work: ApiServerWork) => number) =>
  pass === undefined ? null : of(pass.work) / pass.stores;
const reconcile = ({ passes }: SizeResult) => passes?.reconcile;
const verify = ({ passes }: SizeResult) => passes?.verify;
const optional = (value: number | undefined) => value ?? null;
const ifQuiet =
  (of: Row['of']): Row['of'] =>
  (size) =>
    size.isQuiet ? of(size) : null;

const ROWS: readonly Row[] = [
  { title: 'request to ready, p50 of 5 new stores', of: ({ life }) => life.readyMs / 1_000, unit: seconds },
  { title: 'provision: events in the history', of: ({ life }) => life.provision.events, unit: count },
  { title: 'provision: history', of: ({ life }) => life.provision.bytes, unit: kib },
  { title: 'delete: API-server requests', of: ifQuiet(({ life }) => life.remove.requests), unit: count },
  { title: 'delete: bytes of the answers', of: ifQuiet(({ life }) => life.remove.bytes), unit: kib },
  { title: 'reconcile pass without a rate', of: (size) => optional(reconcile(size)?.seconds), unit: seconds },
  {
    title: 'reconcile pass: API-server requests per store',
    of: ifQuiet((size) => perStore(reconcile(size), ({ requests }) => requests)),
    unit: count,
  },
  {
    title: 'reconcile pass: bytes of the answers per store',
    of: ifQuiet((size) => perStore(reconcile(size), ({ bytes }) => bytes)),
    unit: kib,
  },
  {
    title: 'reconcile pass: history events',
    of: (size) => optional(reconcile(size)?.histories.events),
    unit: count,
  },
  { title: 'reconcile pass: history', of: (size) => optional(reconcile(size)?.histories.bytes), unit: kib },
  { title: 'verification pass without a rate', of: (size) => optional(verify(size)?.seconds), unit: seconds },
  {
    title: 'verification pass: API-server requests per store',
    of: ifQuiet((size) => perStore(verify(size), ({ requests }) => requests)),
    unit: count,
  },
  { title: 'verification pass: history events', of: (size) => optional(verify(size)?.histories.events), unit: count },
  { title: 'verification pass: history', of: (size) => optional(verify(size)?.histories.bytes), unit: kib },
  { title: 'memory of the worker', of: ({ memory }) => memory['worker'] ?? null, unit: mib },
  { title: 'memory of the API', of: ({ memory }) => memory['api'] ?? null, unit: mib },
  { title: 'memory of kube-apiserver', of: ({ memory }) => memory['kube-apiserver'] ?? null, unit: mib },
  { title: 'memory of etcd', of: ({ memory }) => memory['etcd'] ?? null, unit: mib },
  {
    title: 'memory of kube-controller-manager',
    of: ({ memory }) => memory['kube-controller-manager'] ?? null,
    unit: mib,
  },
  { title: 'memory of Temporal', of: ({ memory }) => memory['temporal'] ?? null, unit: mib },
  { title: 'database of etcd', of: ({ etcdBytes }) => etcdBytes, unit: mib },
];

/** Returns the results as Markdown, as docs/scale.md shows them. */
export function scaleReport({ sizes, queue, objectsPerStore, copiesPerSecond }: ScaleResult): string {
  const head = [
    'measured',
    ...sizes.map(titleOf),
    `per 1,000 stores`,
    `${TARGET_STORES.toLocaleString('en')} stores, computed`,
  ];
  const rows = ROWS.map(({ title, of, unit }) => {
    const cells = sizes.map((size) => text(of(size), unit));
    const line = lineThrough(sizes, of);
    return [
      title,
      ...cells,
      line === null ? '–' : signed(line.slope * 1_000, unit),
      line === null ? '–' : unit(line.at(TARGET_STORES)),
    ];
  });
  const [ofReconcile, ofVerify] = [reconcile, verify].map((pass) =>
    ifQuiet((size) => perStore(pass(size), ({ requests }) => requests)),
  );
  const perMinute = (stores: number, of: (row: Row['of']) => number | null | undefined): string => {
    const [one, two] = [ofReconcile, ofVerify].map((row) => (row === undefined ? undefined : of(row)));
    return typeof one === 'number' && typeof two === 'number'
      ? requestsPerMinute(stores, { reconcile: one, verify: two }).toFixed(2)
      : '–';
  };
  rows.push([
    'both passes at the default rates: API-server requests per store and minute',
    ...sizes.map((size) => perMinute(size.stores, (row) => row(size))),
    '–',
    perMinute(TARGET_STORES, (row) => lineThrough(sizes, row)?.at(TARGET_STORES)),
  ]);
  const asks = queue.map(({ waiting, p50Ms, p99Ms }) => [
    waiting.toLocaleString('en'),
    `${p50Ms.toFixed(2)} ms`,
    `${p99Ms.toFixed(2)} ms`,
  ]);
  return [
    `Measured on ${machine()}. A copy has ${objectsPerStore} objects; ${Math.round(copiesPerSecond)} copies were written per second.`,
    table(head, rows),
    table(['operations in the queue of a tenant', 'one request for a slot, p50', 'p99'], asks),
  ].join('\n\n');
}

function titleOf({ stores, volumes, passes }: SizeResult): string {
  const title = `${stores.toLocaleString('en')} stores`;
  return passes === null ? `${title} and ${volumes.toLocaleString('en')} volumes` : title;
}

/**
 * Returns the straight line through the smallest and the largest number of stores. A value that falls counts as constant: it is noise
 * or the warm-up of a process. Null: fewer than two values.
 */
export function lineThrough(sizes: readonly SizeResult[], of: Row['of']) {
  const points = sizes.flatMap((size) => {
    const value = of(size);
    return value === null || size.passes === null ? [] : [{ stores: size.stores, value }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const slope = (last.value - first.value) / (last.stores - first.stores);
  return { slope, at: (stores: number) => last.value + Math.max(0, slope) * (stores - last.stores) };
}

function text(value: number | null, unit: Row['unit']): string {
  return value === null ? '–' : unit(value);
}

function signed(value: number, unit: Row['unit']): string {
  return value < 0 ? `−${unit(-value)}` : `+${unit(value)}`;
}
