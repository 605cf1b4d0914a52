import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { fixedPorts } from '../processes/ports.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { StackError } from '../stack-error.ts';
import { createToolResolver, type ToolResolver } from '../tools/tool-resolver.ts';
import { prepareMetricsViewer } from './metrics-viewer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-viewer-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Env = Readonly<Record<string, string>>;

function prepare(env: Env, resolver?: Pick<ToolResolver, 'resolveAll'>) {
  return prepareMetricsViewer({
    config: loadConfig(env),
    ports: fixedPorts(env),
    report: () => {},
    // Any program that runs has a version for the resolver.
    resolver:
      resolver ??
      createToolResolver({
        env: { PROMETHEUS_BIN: process.execPath, VICTORIA_METRICS_BIN: process.execPath },
        report: () => {},
      }),
  });
}

async function startedBy(env: Env): Promise<readonly ProcessSpec[]> {
  const specs: ProcessSpec[] = [];
  const viewer = await prepare(env);
  await viewer.start({ folder: { path: folder }, run: async (spec) => void specs.push(spec) });
  return specs;
}

function configuration(): unknown {
  return JSON.parse(readFileSync(join(folder, 'metrics', 'prometheus.json'), 'utf8'));
}

test('Prometheus scrapes API and worker at their default addresses, with the rules of the chart', async () => {
  await startedBy({});
  expect(configuration()).toEqual({
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    scrape_configs: [
      { job_name: 'store-platform-api', static_configs: [{ targets: ['127.0.0.1:3003'] }] },
      { job_name: 'store-platform-worker', static_configs: [{ targets: ['127.0.0.1:3002'] }] },
    ],
    rule_files: [join(process.cwd(), 'helm/platform/files/rules/*.yaml')],
    remote_write: [{ url: 'http://127.0.0.1:28428/api/v1/write' }],
  });
});

test('Prometheus scrapes API and worker where their settings say, on this machine', async () => {
  const metrics = { METRICS_HOST: '::1', METRICS_PORT: '4003' };
  await startedBy({ ...metrics, WORKER_HEALTH_HOST: '0.0.0.0', WORKER_HEALTH_PORT: '4002' });
  expect(configuration()).toMatchObject({
    scrape_configs: [
      { static_configs: [{ targets: ['[::1]:4003'] }] },
      { static_configs: [{ targets: ['127.0.0.1:4002'] }] },
    ],
  });
});

test('both servers listen on loopback only, at the ports of the environment, and keep their data in the state folder', async () => {
  const env = { STACK_PROMETHEUS_PORT: '9090', STACK_VICTORIA_METRICS_PORT: '8428' };
  const [victoriaMetrics, prometheus] = await startedBy(env);
  const home = join(folder, 'metrics');
  expect(victoriaMetrics?.args).toEqual(
    expect.arrayContaining(['-httpListenAddr=127.0.0.1:8428', `-storageDataPath=${join(home, 'victoria-metrics')}`]),
  );
  expect(prometheus?.args).toEqual(
    expect.arrayContaining(['--web.listen-address=127.0.0.1:9090', `--storage.tsdb.path=${join(home, 'prometheus')}`]),
  );
  const viewer = await prepare(env);
  expect(viewer).toMatchObject({
    prometheusUrl: 'http://127.0.0.1:9090',
    dashboardsUrl: 'http://127.0.0.1:8428/vmui/#/dashboards',
  });
});

test('the folder of dashboards has those of this version only', async () => {
  await startedBy({});
  const dashboards = join(folder, 'metrics', 'dashboards');
  const names = readdirSync(dashboards);
  expect(names).toContain('01-fleet.json');
  writeFileSync(join(dashboards, '00-old.json'), '{}');
  await startedBy({});
  expect(readdirSync(dashboards)).toEqual(names);
});

test('Prometheus cannot scrape a platform that serves no metrics', async () => {
  await expect(prepare({ METRICS: 'off' })).rejects.toThrow(
    '--prometheus scrapes the metrics of API and worker, but METRICS=off turns them off: unset METRICS, or start without --prometheus.',
  );
});

test('missing programs are one error that names the sources and the fixes', async () => {
  const offline = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
  const resolver = createToolResolver({
    env: { PATH: join(folder, 'empty') },
    cacheDir: join(folder, 'cache'),
    platform: 'linux',
    arch: 'x64',
    report: () => {},
    fetchImpl: offline,
  });
  const error = await prepare({}, resolver).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(StackError);
  const release = 'https://github.com/prometheus/prometheus/releases/download/v3.14.0';
  const lines = (error as StackError).message.split('\n');
  expect(lines.slice(0, 6)).toEqual([
    'prometheus 3.14.0 was not found and could not be fetched. These sources failed:',
    '  PROMETHEUS_BIN: not set',
    '  PATH: contains no prometheus',
    `  cache: ${join(folder, 'cache/prometheus/3.14.0-linux-amd64/prometheus')} does not exist`,
    `  download: ${release}/sha256sums.txt: fetch failed`,
    '  To continue, put prometheus >=2.42.0 <4 on PATH (Debian: apt-get install prometheus), set PROMETHEUS_BIN to its path, or fix ' +
      'one of these sources.',
  ]);
  expect(lines).toContain('  Go module: Go is not installed');
  expect(lines.at(-1)).toBe('Or start without --prometheus.');
});
