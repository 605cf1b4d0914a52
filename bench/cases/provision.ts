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
import { pairedRatio, percentile, timed } from '../statistics.ts';

/** Helm as a person would use it: the same chart and values, waiting with Helm's own `--wait`. */
class HandInstalls {
  readonly #env: BenchPlatform['env'];
  readonly #valuesDir: string;

  constructor(env: BenchPlatform['env'], valuesDir: string) {
    this.#env = env;
    this.#valuesDir = valuesDir;
  }

  static async open(env: BenchPlatform['env']): Promise<HandInstalls> {
    return new HandInstalls(env, await mkdtemp(join(tmpdir(), 'store-platform-bench-values-')));
  }

  /** Arguments of one install into a namespace of its own. */
  async install(engine: Engine): Promise<{ readonly name: string; readonly args: readonly string[] }> {
    const name = `hand-${randomBytes(4).toString('hex')}`;
    const values = releaseValues(
      {
        storeId: '00000000-0000-4000-8000-000000000000',
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

  async run(args: readonly string[]): Promise<void> {
    await execa(this.bin, [...args], { env: this.helmEnv });
  }

  get bin(): string {
    return this.#env['HELM_BIN'] ?? 'helm';
  }

  get helmEnv(): Record<string, string> {
    return { KUBECONFIG: this.#env['KUBECONFIG'] ?? '', HELM_KUBECONTEXT: this.#env['KUBE_CONTEXT'] ?? '' };
  }

  async remove(names: readonly string[]): Promise<void> {
    const config = new KubeConfig();
    config.loadFromFile(this.#env['KUBECONFIG'] ?? '');
    const core = config.makeApiClient(CoreV1Api);
    for (const name of names) await core.deleteNamespace({ name });
    for (;;) {
      const left = (await core.listNamespace()).items.filter(({ metadata }) => names.includes(metadata?.name ?? ''));
      if (left.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  close(): Promise<void> {
    return rm(this.#valuesDir, { recursive: true, force: true });
  }
}

/** From request to `ready` against `helm install --wait` of the same chart, in turn. */
export async function timeToReady(platform: BenchPlatform, engine: Engine, pairs: number): Promise<Finding> {
  const hand = await HandInstalls.open(platform.env);
  try {
    const measured: { ours: number; theirs: number }[] = [];
    for (let i = 0; i <= pairs; i += 1) {
      const { name, args } = await hand.install(engine);
      const theirs = await timed(() => hand.run(args));
      await hand.remove([name]);
      let id = '';
      const ours = await timed(async () => {
        ({ storeId: id } = await platform.create({ engine }));
        await platform.until(id, 'ready');
      });
      await platform.remove([id]);
      // The first pair warms up images of programs and caches on both sides.
      if (i > 0) measured.push({ ours, theirs });
    }
    return ratioFinding({
      what: `${engine}: request to ready on simulated nodes, p50 of ${pairs}`,
      ours: milliseconds(
        percentile(
          measured.map((pair) => pair.ours),
          50,
        ),
      ),
      against: `\`helm install --wait\` by hand ${milliseconds(
        percentile(
          measured.map((pair) => pair.theirs),
          50,
        ),
      )}`,
      ratio: pairedRatio(measured, Math.random),
      target: 1.25,
    });
  } finally {
    await hand.close();
  }
}

/** Two dozen clients that poll: often enough for seconds, and no load of their own. */
const MANY_POLL_MS = 500;

/** Many stores at once against `xargs -P 8 helm install --wait`, in turn. */
export async function manyAtOnce(platform: BenchPlatform, stores: number, pairs: number): Promise<Finding> {
  const hand = await HandInstalls.open(platform.env);
  try {
    const measured: { ours: number; theirs: number }[] = [];
    for (let i = 0; i < pairs; i += 1) {
      const installs = await Promise.all(Array.from({ length: stores }, () => hand.install('woocommerce')));
      const theirs = await timed(() =>
        execa('xargs', ['-P', '8', '-L', '1', hand.bin], {
          input: installs.map(({ args }) => args.join(' ')).join('\n'),
          env: hand.helmEnv,
        }),
      );
      await hand.remove(installs.map(({ name }) => name));
      const ids: string[] = [];
      const ours = await timed(async () => {
        const created = await Promise.all(Array.from({ length: stores }, () => platform.create()));
        ids.push(...created.map(({ storeId: id }) => id));
        await Promise.all(ids.map((id) => platform.until(id, 'ready', MANY_POLL_MS)));
      });
      await platform.remove(ids);
      measured.push({ ours, theirs });
    }
    return ratioFinding({
      what: `${stores} stores at once until the last is ready`,
      ours: milliseconds(
        percentile(
          measured.map((pair) => pair.ours),
          50,
        ),
      ),
      against: `\`xargs -P 8 helm install --wait\` ${milliseconds(
        percentile(
          measured.map((pair) => pair.theirs),
          50,
        ),
      )}`,
      ratio: pairedRatio(measured, Math.random),
      target: 1.3,
    });
  } finally {
    await hand.close();
  }
}
