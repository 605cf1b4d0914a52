import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { Store } from '../../api/contract/store.ts';
import { selectorsIn } from '../../observability/queries.ts';
import { DASHBOARDS } from '../../observability/panels/index.ts';
import { freePort } from '../../temporal-dev/processes/ports.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { checkMetrics, findPrometheus, startPrometheus, type Prometheus } from '../harness/prometheus.ts';
import { createDatabase, eventually, testStack } from '../harness/stack/stack.ts';
import { createTemporalNamespace } from '../harness/stack/temporal-namespace.ts';

const RULE_FILES = ['alerts.yaml', 'objectives.yaml'].map(
  (name) => `${process.cwd()}/helm/platform/files/rules/${name}`,
);
/** Series of one process that a scrape may have. */
const MAX_SERIES = 1_500;

/** Selectors and queries without a result on a platform where nothing fails, each with the reason. */
const MAY_BE_EMPTY: readonly (readonly [RegExp, string])[] = [
  [/http_requests_total\{status="5xx"\}/, 'no request failed'],
  [/increase\(store_platform_\w+\[\w+\]\)\) > 0$/, 'only failures that have happened are shown'],
  [/rate\(store_platform_activity_failures_total\[\w+\]\)\) > 0$/, 'only failures that have happened are shown'],
  [/temporal_workflow_task_execution_failed_total/, 'no workflow task failed'],
  [/temporal_activity_execution_failed_total/, 'no attempt of an activity failed'],
  [/temporal_(long_)?request_failure_total/, 'no request to Temporal failed'],
  [/temporal_workflow_task_replay_latency/, 'no run left the cache of the worker'],
];

const prometheusBinary = findPrometheus('prometheus');
const promtool = findPrometheus('promtool');
const describeIf = prometheusBinary === undefined || promtool === undefined ? describe.skip : describe;

describeIf('a platform that Prometheus scrapes', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let temporal: Awaited<ReturnType<typeof createTemporalNamespace>>;
  let prometheus: Prometheus;
  let apiUrl: string;
  let pages: Readonly<Record<'api' | 'worker', string>>;
  const running: PlatformProcess[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    temporal = await createTemporalNamespace();
    const [apiPort, workerPort] = [await freePort(), await freePort()];
    const env = { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
    const [api, worker] = await Promise.all([
      startApiProcess(env, { METRICS_PORT: String(apiPort) }),
      startWorkerProcess(env, { WORKER_HEALTH_PORT: String(workerPort) }),
    ]);
    running.push(api, worker);
    apiUrl = api.url;
    const targets = { api: `127.0.0.1:${apiPort}`, worker: `127.0.0.1:${workerPort}` };
    pages = { api: `http://${targets.api}/metrics`, worker: `http://${targets.worker}/metrics` };
    prometheus = await startPrometheus(prometheusBinary ?? '', { targets, ruleFiles: RULE_FILES });
    // A counter that is first seen after an increase has no increase.
    await eventually(async () => (await prometheus.query('sum(up) == 2')).length > 0, { deadlineMs: 120_000 });
    await useThePlatform();
  }, 900_000);
  afterAll(async () => {
    await prometheus.stop();
    for (const process of running) await process.kill('SIGKILL');
    await temporal.close();
    await database.drop();
  });

  async function request<Body>(method: string, path: string, body?: object): Promise<Body> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Body;
  }

  const create = (engine: string) => request<Store>('POST', '/api/stores', { name: 'Acme Shoes', engine });

  async function reaches(storeId: string, status: string): Promise<void> {
    await eventually(async () => (await request<Store>('GET', `/api/stores/${storeId}`)).status === status, {
      deadlineMs: 240_000,
    });
  }

  /** Provisions three stores and deletes one, and lets the reconciler make its passes. */
  async function useThePlatform(): Promise<void> {
    const created = await Promise.all(['woocommerce', 'medusa', 'medusa'].map(create));
    const [first, second] = created.map(({ storeId }) => storeId);
    await Promise.all(created.map(({ storeId }) => reaches(storeId, 'ready')));
    await request('DELETE', `/api/stores/${first}`);
    await reaches(first ?? '', 'deleted');
    await request('GET', `/api/stores/${randomUUID()}`);
    for (const schedule of ['reconcile-cluster', 'verify-stores']) {
      await request('POST', `/api/admin/schedules/${schedule}/trigger`);
    }
    await eventually(async () => (await countPasses()) === 2, { deadlineMs: 240_000 });
    // Simulated nodes serve no traffic. This store counts as one that does.
    await withDatabase((client) => client.query("update stores set nodes = 'real' where id = $1", [second]));
    await eventually(async () => (await prometheus.query('sum(store_platform_stores_serving) > 0')).length > 0);
    const recorded = 'count(store_platform:objective_errors:ratio5m) == 5';
    await eventually(async () => (await prometheus.query(recorded)).length > 0, { deadlineMs: 240_000 });
  }

  const countPasses = () =>
    withDatabase(async (client) => {
      const { rowCount } = await client.query('select from pass_positions where completed_at is not null');
      return rowCount;
    });

  async function withDatabase<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  test.each(['api', 'worker'] as const)('serves a page of the %s that promtool accepts', async (service) => {
    const response = await fetch(pages[service]);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const page = await response.text();
    expect(await checkMetrics(promtool ?? '', page)).toBe('');
    const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeLessThanOrEqual(MAX_SERIES);
    // Ids, names and tenants would make a series of their own for each store.
    expect(series.filter((line) => /[0-9a-f]{8}-[0-9a-f]{4}|Acme|acme|default-user/.test(line))).toEqual([]);
  });

  test('does not serve the metrics on the address of the API', async () => {
    expect((await fetch(`${apiUrl}/metrics`)).status).toBe(404);
  });

  test('counts each operation once, and the time until each store was ready', async () => {
    const value = async (expr: string) => Number((await prometheus.query(expr))[0]?.value[1]);
    await eventually(async () => (await value('sum(store_platform_time_to_ready_seconds_count)')) === 3);
    const ended = 'store_platform_operations_ended_total{outcome="succeeded"}';
    await eventually(async () => (await value(`sum(${ended})`)) === 4);
    expect(await value(ended.replace('}', ', kind="delete", engine="woocommerce"}'))).toBe(1);
    expect(await value('sum(store_platform_operation_failures_total)')).toBe(0);
    const verify = 'store_platform_step_duration_seconds_count{kind="provision", step="verify"}';
    expect(await value(`sum(${verify})`)).toBe(3);
    expect(await value('sum(store_platform_helm_runs_total{command="upgrade", outcome="succeeded"})')).toBe(3);
    const accepted = 'store_platform_http_requests_total{method="POST", route="/api/stores", status="2xx"}';
    expect(await value(accepted)).toBe(3);
    expect(await value('store_platform_http_problems_total{code="STORE_NOT_FOUND"}')).toBe(1);
    await eventually(async () => (await value('sum(store_platform_stores{status="ready"})')) === 2);
  });

  const queries = DASHBOARDS.flatMap(({ name, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        panel.kind === 'text' ? [] : panel.queries.map(({ expr }) => [name, panel.title, expr] as const),
      ),
    ),
  );

  test.each(queries)('the dashboard %s shows data in "%s": %s', async (_dashboard, _panel, expr) => {
    const query = expr.replaceAll('$__rate_interval', '5m').replaceAll('$engine', 'medusa');
    const result = await prometheus.query(query);
    if (!mayBeEmpty(query)) expect(result).not.toEqual([]);
  });

  test('every rule is evaluated without an error, and every series that it reads exists', async () => {
    const rules = await prometheus.rules();
    expect(rules.length).toBeGreaterThan(50);
    await eventually(async () => (await prometheus.rules()).every(({ health }) => health !== 'unknown'), {
      deadlineMs: 90_000,
    });
    expect((await prometheus.rules()).filter(({ health }) => health !== 'ok')).toEqual([]);
    const selectors = [...new Set(rules.flatMap(({ query }) => selectorsIn(query)))];
    const missing: string[] = [];
    for (const selector of selectors) {
      const result = await prometheus.query(`count(${selector})`);
      if (result.length === 0 && !mayBeEmpty(selector)) missing.push(selector);
    }
    expect(missing).toEqual([]);
  });

  test('no alert fires on a platform that works', async () => {
    const firing = await prometheus.query('ALERTS{alertstate="firing"}');
    expect(firing.map(({ metric }) => metric['alertname'])).toEqual([]);
  });
});

function mayBeEmpty(query: string): boolean {
  return MAY_BE_EMPTY.some(([pattern]) => pattern.test(query));
}
