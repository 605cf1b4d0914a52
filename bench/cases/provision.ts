import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { execa } from 'execa';
import { releaseValues } from '../../activities/release/values.ts';
import { type Engine, engineSpec } from '../../domain/engines/index.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type Finding } from '../report.ts';
import { medianOf, pairedRatio, timed, type Pair } from '../statistics.ts';

/** The baseline: `helm install --wait` by hand, with the same chart and the same values. */
class ManualInstalls {
  readonly #env: BenchPlatform['env'];
  readonly #valuesDir: string;

  constructor(env: BenchPlatform['env'], valuesDir: string) {
    this.#env = env;
    this.#valuesDir = valuesDir;
  }

  static async open(env: BenchPlatform['env']): Promise<ManualInstalls> {
    return new ManualInstalls(env, await mkdtemp(join(tmpdir(), 'store-platform-bench-values-')));
  }

  /** Writes the values file of one install into a new namespace. Returns the name and the arguments of Helm. */
  async prepare(engine: Engine): Promise<{ readonly name: string; readonly args: readonly string[] }> {
    const name = `manual-${randomBytes(4).toString('hex')}`;
    const values = releaseValues(
      {
        storeId: '00000000-0000-4000-8000-000000000000',
        cluster: 'default',
        tenantId: 'bench',
        name,
        engine,
        namespace: name,
        releaseName: name,
        host: `${name}.localhost`,
      },
      { scheme: 'http', port: 80 },
    );
    const file = join(this.#valuesDir, `${name}.json`);
    await writeFile(file, JSON.stringify(values));
    const wait = ['--wait', '--wait-for-jobs', '--timeout', '5m'];
    return {
      name,
      args: [
        'install',
        name,
        `helm/${engineSpec(engine).chart}`,
        '-f',
        file,
        '-n',
        name,
        '--create-namespace',
        ...wait,
      ],
    };
  }

  /** @throws Error with the output of Helm when it fails. */
  async run(args: readonly string[]): Promise<void> {
    await execa(this.bin, [...args], { env: this.helmEnv });
  }

  get bin(): string {
    return this.#env['HELM_BIN'] ?? 'helm';
  }

  get helmEnv(): Record<string, string> {
    return { KUBECONFIG: this.#env['KUBECONFIG'] ?? '', HELM_KUBECONTEXT: this.#env['KUBE_CONTEXT'] ?? '' };
  }

  /** Deletes the namespaces and waits until they no longer exist. */
  async remove(names: readonly string[]): Promise<void> {
    const config = new KubeConfig();
    config.loadFromFile(this.#env['KUBECONFIG'] ?? '');
    const core = config.makeApiClient(CoreV1Api);
    for (const name of names) await core.deleteNamespace({ name });
    for (;;) {
      const remaining = (await core.listNamespace()).items.filter(({ metadata }) =>
        names.includes(metadata?.name ?? ''),
      );
      if (remaining.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  close(): Promise<void> {
    return rm(this.#valuesDir, { recursive: true, force: true });
  }
}

/** Compares the time from the request to `ready` with `helm install --wait` of the same chart. The two alternate. */
export async function timeToReady(platform: BenchPlatform, engine: Engine, pairCount: number): Promise<Finding> {
  const manual = await ManualInstalls.open(platform.env);
  try {
    const pairs: Pair[] = [];
    for (let i = 0; i <= pairCount; i += 1) {
      const { name, args } = await manual.prepare(engine);
      const baseline = await timed(() => manual.run(args));
      await manual.remove([name]);
      let id = '';
      const ready = await timed(async () => {
        ({ storeId: id } = await platform.create({ engine }));
        await platform.waitForStatus(id, 'ready');
      });
      await platform.remove([id]);
      // The first pair fills the caches of both sides.
      if (i > 0) pairs.push({ platform: ready, baseline });
    }
    return ratioFinding({
      measurement: `${engine}: request to ready on simulated nodes, p50 of ${pairCount}`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `\`helm install --wait\` by hand: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 1.25,
    });
  } finally {
    await manual.close();
  }
}

/** Poll interval of two dozen clients: precise enough for seconds, and low enough to add no load. */
const MANY_POLL_MS = 500;

/** Compares many creates at the same time with `xargs -P 8 helm install --wait`. The two alternate. */
export async function manyAtOnce(platform: BenchPlatform, stores: number, pairCount: number): Promise<Finding> {
  const manual = await ManualInstalls.open(platform.env);
  try {
    const pairs: Pair[] = [];
    for (let i = 0; i < pairCount; i += 1) {
      const installs = await Promise.all(Array.from({ length: stores }, () => manual.prepare('woocommerce')));
      const baseline = await timed(() =>
        execa('xargs', ['-P', '8', '-L', '1', manual.bin], {
          input: installs.map(({ args }) => args.join(' ')).join('\n'),
          env: manual.helmEnv,
        }),
      );
      await manual.remove(installs.map(({ name }) => name));
      const ids: string[] = [];
      const ready = await timed(async () => {
        const created = await Promise.all(Array.from({ length: stores }, () => platform.create()));
        ids.push(...created.map(({ storeId: id }) => id));
        await Promise.all(ids.map((id) => platform.waitForStatus(id, 'ready', MANY_POLL_MS)));
      });
      await platform.remove(ids);
      pairs.push({ platform: ready, baseline });
    }
    return ratioFinding({
      measurement: `${stores} stores at the same time: request to the last one ready`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `\`xargs -P 8 helm install --wait\`: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 1.3,
    });
  } finally {
    await manual.close();
  }
}
