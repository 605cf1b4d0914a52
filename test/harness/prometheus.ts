import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { stringify } from 'yaml';
import { freePort } from '../../temporal-dev/processes/ports.ts';
import { endChild } from './end-child.ts';
import { eventually } from './eventually.ts';

/** One series of the answer to a query, with its newest value. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [timestamp: number, value: string];
}

/** A rule as Prometheus has loaded it. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** Reads a server that has the HTTP API of Prometheus. */
export interface PrometheusClient {
  /** @throws Error with the message of Prometheus when the query is not valid. */
  query(expr: string): Promise<readonly Sample[]>;
  rules(): Promise<readonly LoadedRule[]>;
}

/** A Prometheus that scrapes processes of a test every second. */
export interface Prometheus extends PrometheusClient {
  stop(): Promise<void>;
}

/** Returns the path of a program of the Debian package prometheus, or undefined and prints why its tests are skipped. */
export function findPrometheus(program: 'prometheus' | 'promtool'): string | undefined {
  const path = which.sync(program, { nothrow: true }) ?? undefined;
  if (path === undefined) {
    process.stderr.write(`${program} is not installed: its tests are skipped (Debian package prometheus)\n`);
  }
  return path;
}

/** Returns what `promtool check metrics` reports about a page. Empty: nothing. */
export async function checkMetrics(promtool: string, page: string): Promise<string> {
  const { all } = await execa(promtool, ['check', 'metrics'], { input: page, all: true, reject: false });
  return all;
}

/** Starts Prometheus on a free port of the loopback interface. */
export async function startPrometheus(
  binary: string,
  {
    targets,
    ruleFiles,
  }: {
    /** Addresses such as `127.0.0.1:3003`, by the name of their job. */
    readonly targets: Readonly<Record<string, string>>;
    readonly ruleFiles: readonly string[];
  },
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const file = join(folder, 'prometheus.yaml');
  const jobs = Object.entries(targets).map(([name, target]) => ({
    job_name: name,
    static_configs: [{ targets: [target] }],
  }));
  const settings = { global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: ruleFiles };
  writeFileSync(file, stringify({ ...settings, scrape_configs: jobs }));
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    binary,
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));

  async function stop(): Promise<void> {
    await endChild(child);
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus has ended: ${log}`);
      return (await fetch(`${url}/-/ready`)).ok;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...prometheusClient(url), stop };
}

/** Returns a client of the server at the URL. */
export function prometheusClient(url: string): PrometheusClient {
  async function get<Data>(path: string): Promise<Data> {
    const response = await fetch(`${url}/api/v1/${path}`);
    const body = (await response.json()) as { status: string; data: Data; error?: string };
    if (body.status !== 'success') throw new Error(`Prometheus refused ${path}: ${body.error}`);
    return body.data;
  }

  return {
    query: async (expr) => (await get<{ result: readonly Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    rules: async () =>
      (await get<{ groups: readonly { rules: readonly LoadedRule[] }[] }>('rules')).groups.flatMap(
        ({ rules }) => rules,
      ),
  };
}
