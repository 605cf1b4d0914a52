import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { DASHBOARDS } from '../../observability/panels/index.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../../test/harness/platform/processes.ts';
import { findPrometheus, prometheusClient } from '../../test/harness/prometheus.ts';
import { createDatabase, eventually, testStack } from '../../test/harness/stack/stack.ts';
import { createTemporalNamespace } from '../../test/harness/stack/temporal-namespace.ts';
import { freePort, freePorts } from '../processes/ports.ts';
import { openStateFolder } from '../processes/state-folder.ts';
import { createSupervisor, type Supervisor } from '../processes/supervisor.ts';
import { createToolResolver } from '../tools/tool-resolver.ts';
import { prepareMetricsViewer, type MetricsViewer } from './metrics-viewer.ts';

const { signal } = new AbortController();
const describeIf = findPrometheus('prometheus') === undefined ? describe.skip : describe;

interface VmuiDashboard {
  readonly title: string;
  readonly rows: readonly {
    readonly panels: readonly { readonly title: string; readonly expr: readonly string[] }[];
  }[];
}

describeIf('the viewer of "npm start -- --prometheus"', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-viewer-'));
  const running: PlatformProcess[] = [];
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let temporal: Awaited<ReturnType<typeof createTemporalNamespace>>;
  let supervisor: Supervisor;
  let viewer: MetricsViewer;
  let apiUrl: string;

  beforeAll(async () => {
    database = await createDatabase();
    temporal = await createTemporalNamespace();
    const metrics = { METRICS_PORT: String(await freePort()) };
    const health = { WORKER_HEALTH_PORT: String(await freePort()) };
    const env = { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
    const [api, worker] = await Promise.all([startApiProcess(env, metrics), startWorkerProcess(env, health)]);
    running.push(api, worker);
    apiUrl = api.url;
    const state = openStateFolder(folder);
    supervisor = createSupervisor(state);
    viewer = await prepareMetricsViewer({
      config: loadConfig({ ...metrics, ...health }),
      ports: await freePorts(),
      resolver: createToolResolver({ env: process.env, report: (line) => process.stderr.write(`${line}\n`), signal }),
      report: () => {},
    });
    await viewer.start({ folder: state, run: (spec) => supervisor.start(spec, signal) });
  }, 900_000); // the first run may build VictoriaMetrics
  afterAll(async () => {
    await supervisor.stopAll();
    for (const process of running) await process.kill('SIGKILL');
    await temporal.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const prometheus = () => prometheusClient(viewer.prometheusUrl);
  const victoriaMetrics = () => prometheusClient(new URL(viewer.dashboardsUrl).origin);

  /** Returns the jobs of the scrapes, with what their pages say about themselves. */
  async function servicesIn(client: ReturnType<typeof prometheusClient>) {
    const series = await client.query('store_platform_build_info');
    return series
      .map(({ metric }) => `${metric['job']}: ${metric['service']}`)
      .toSorted((one, other) => one.localeCompare(other));
  }
  const BOTH = ['store-platform-api: api', 'store-platform-worker: worker'];

  test('Prometheus has the series of the API and of the worker, and VictoriaMetrics has them too', async () => {
    for (const client of [prometheus(), victoriaMetrics()]) {
      await eventually(
        async () => {
          expect(await servicesIn(client)).toEqual(BOTH);
          return true;
        },
        { deadlineMs: 90_000 },
      );
    }
  });

  test('Prometheus evaluates all rules without an error, and VictoriaMetrics gets what they record', async () => {
    const rules = await eventually(
      async () => {
        const loaded = await prometheus().rules();
        return loaded.length > 50 && loaded.every(({ health }) => health !== 'unknown') && loaded;
      },
      { deadlineMs: 90_000 },
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    // The rate of requests exists once two scrapes have counted different numbers.
    const recorded = 'store_platform:objective_errors:ratio5m{objective="accepted"}';
    await eventually(
      async () => {
        await fetch(`${apiUrl}/api/stores`, { method: 'POST' });
        return (await victoriaMetrics().query(recorded)).length > 0;
      },
      { deadlineMs: 180_000, intervalMs: 1_000 },
    );
  }, 300_000); // the rules of the objectives are evaluated every 30 s

  test('the web page has the dashboards of the platform, and every query of them is valid there', async () => {
    const { origin } = new URL(viewer.dashboardsUrl);
    const page = await fetch(`${origin}/vmui/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const { dashboardsSettings: dashboards } = (await (await fetch(`${origin}/vmui/custom-dashboards`)).json()) as {
      dashboardsSettings: readonly VmuiDashboard[];
    };
    for (const { title } of DASHBOARDS) {
      expect(dashboards.map((dashboard) => dashboard.title)).toContainEqual(expect.stringContaining(title));
    }
    const queries = dashboards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ expr }) => expr)));
    expect(queries.length).toBeGreaterThan(50);
    for (const query of queries) await victoriaMetrics().query(query); // throws if the query is not valid
  });
});
