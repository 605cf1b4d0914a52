import { createCluster, type Cluster } from '../activities/create-cluster.ts';
import type { Config } from '../config/index.ts';
import type { ConditionRecords } from '../domain/ports/condition-records.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { imagesWithoutDigest } from './image-digests.ts';
import type { WorkerMetrics } from './metrics/worker-metrics.ts';
import { readStoreCa } from './store-ca.ts';
import { readStoreValues } from './store-values.ts';

/**
 * Opens the cluster that the settings name, with the charts, values and certificates of the stores.
 *
 * @throws Error when an image has no digest and the settings require one, or the cluster cannot be opened.
 */
export async function openCluster(
  config: Config,
  {
    context,
    installation,
    conditions,
    onHelmRun,
    traceCall,
    env,
    now,
    log,
  }: {
    readonly context: string;
    readonly installation: string;
    readonly conditions: ConditionRecords;
    readonly onHelmRun: WorkerMetrics['onHelmRun'] | undefined;
    readonly traceCall: Tracing['traceCall'] | undefined;
    /** The environment of the process. */
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly now: () => Date;
    readonly log: Logger;
  },
): Promise<Cluster> {
  const overlays = await readStoreValues(config);
  await checkImageDigests(config, overlays, log);
  return createCluster({
    name: config.CLUSTER_NAME,
    context,
    kubeconfig: config.KUBECONFIG,
    helmBin: config.HELM_BIN,
    onHelmRun,
    traceCall,
    chartsDir: config.CHARTS_DIR,
    readyDeadlineMs: config.READY_DEADLINE_SECONDS * 1000,
    unschedulableMs: config.UNSCHEDULABLE_SECONDS === undefined ? undefined : config.UNSCHEDULABLE_SECONDS * 1000,
    setCondition: (input) => conditions.setCondition(input, now()),
    values: {
      scheme: config.STORE_SCHEME,
      port: config.STORE_PORT,
      certificate: config.storeCertificate,
      images: { registry: config.IMAGE_REGISTRY, requireDigests: config.REQUIRE_IMAGE_DIGESTS === 'true' },
      overlays,
    },
    dnsNetworks: config.CLUSTER_DNS_NETWORKS,
    extraPerPod: config.STORE_QUOTA_EXTRA_PER_POD,
    storeCa: await readStoreCa(config.STORE_CA_FILE),
    installation,
    env,
  });
}

/** @throws Error that lists the images without a digest, if the settings require digests. */
async function checkImageDigests(
  config: Config,
  overlays: Parameters<typeof imagesWithoutDigest>[1],
  log: Logger,
): Promise<void> {
  const images = await imagesWithoutDigest(config.CHARTS_DIR, overlays);
  if (images.length === 0) return;
  const advice = 'run "npm run images -- lock", or set their digests in STORE_VALUES_FILE';
  if (config.REQUIRE_IMAGE_DIGESTS === 'true')
    throw new Error(
      `REQUIRE_IMAGE_DIGESTS is set, but these images have no digest: ${images.join(', ')}. To fix it, ${advice}`,
    );
  log.warn({ images }, `images are named by a tag that can move, so nodes can run different versions: ${advice}`);
}
