import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltImage, readManifest } from '../../images/build/manifest.ts';
import { writePrivateFile } from '../files.ts';
import type { ServiceEnv } from '../service.ts';
import { StackError } from '../stack-error.ts';
import { importImage } from './containerd.ts';
import { NODE, nodeLayout } from './node-layout.ts';
import { POD_PORTS } from './pod-gateway.ts';

/** The small node becomes full of stores. Without a priority, a worker that restarts would find no room. Every cluster has this class. */
const PLATFORM_PRIORITY = 'system-cluster-critical';

/** Files with which Helm and kubectl install the platform in pods of the real node. */
export interface PlatformInstall {
  /** Values of the chart `helm/platform`: the image, the services of the stack as pods reach them, and the images of the stores. */
  readonly valuesFile: string;
  /** Content of the Secret of the chart, in the format of `kubectl create secret generic --from-env-file`. */
  readonly secretFile: string;
}

/**
 * Finds the image of the platform. It runs before any service of the stack starts, because the image may be missing.
 *
 * @param imagesFolder Output folder of `npm run images`.
 * @throws StackError when the image is not built.
 */
export async function preparePlatformInstall(imagesFolder: string) {
  const { platform } = (await readManifest(imagesFolder)).images;
  if (platform === undefined || !existsSync(platform.archive)) {
    throw new StackError('The image of the platform is not built: run "npm run images -- platform", then start again.');
  }
  const image = platform;
  return {
    /** Imports the image into the running node, and writes the files into its folder. */
    async provide({
      env,
      stateDir,
    }: {
      readonly env: ServiceEnv;
      readonly stateDir: string;
    }): Promise<PlatformInstall> {
      await importImage({ stateDir, archive: image.archive });
      const { config } = nodeLayout(stateDir);
      const valuesFile = join(config, 'platform-values.json');
      const secretFile = join(config, 'platform-secret.env');
      await writeFile(valuesFile, `${JSON.stringify(await chartValues(env, image), null, 2)}\n`);
      writePrivateFile(secretFile, secretOf(env));
      return { valuesFile, secretFile };
    },
  };
}

async function chartValues(env: ServiceEnv, { tag }: BuiltImage) {
  const storeValues: unknown = JSON.parse(await readFile(env['STORE_VALUES_FILE'] ?? '', 'utf8'));
  return {
    image: { tag },
    temporal: {
      address: `${NODE.address}:${POD_PORTS.temporal}`,
      namespace: env['TEMPORAL_NAMESPACE'] ?? 'default',
    },
    stores: {
      domain: NODE.podIngressDomain,
      scheme: 'http',
      port: Number(env['STORE_PORT']),
      values: storeValues,
    },
    settings: traceSettings(env),
    // People reach the API through a port that kubectl forwards.
    api: { publicUrl: 'http://localhost:3001', priorityClassName: PLATFORM_PRIORITY },
    // The node has the processors of this machine.
    worker: {
      replicas: 1,
      priorityClassName: PLATFORM_PRIORITY,
      settings: { CLUSTER_DNS_NETWORKS: env['CLUSTER_DNS_NETWORKS'] },
    },
  };
}

/** Returns the settings with which pods send traces to the viewer of the stack, if there is one. */
function traceSettings({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
}: ServiceEnv): ServiceEnv {
  if (endpoint === undefined || protocol === undefined) return {};
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${NODE.address}:${POD_PORTS.traces}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  };
}

function secretOf({ DATABASE_URL = '', WEBHOOK_SECRET_KEY: webhookKey }: ServiceEnv): string {
  const database = new URL(DATABASE_URL);
  database.host = `${NODE.address}:${POD_PORTS.postgres}`;
  const urls = ['migration', 'api', 'worker'].map((part) => `${part}-database-url=${database.href}`);
  return [...urls, ...(webhookKey === undefined ? [] : [`webhook-secret-key=${webhookKey}`]), ''].join('\n');
}
