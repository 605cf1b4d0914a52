import { randomUUID } from 'node:crypto';
import {
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1Deployment,
} from '@kubernetes/client-node';
import { engineSpec } from '../../../domain/engines/index.ts';
import { chartImages, type Manifest } from '../../../images/build/manifest.ts';
import { importImage } from '../../../temporal-dev/node/containerd.ts';
import { chartValues, renderChart } from '../platform/rendered-chart.ts';

/** Kinds whose objects run without WordPress. The setup Job needs WordPress. */
const KINDS = [
  'ServiceAccount',
  'ConfigMap',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'Service',
  'StatefulSet',
  'Deployment',
];

/**
 * Creates a namespace with the parts of WooCommerce's chart that run without WordPress: database, nginx and php-fpm. The
 * objects are those of the chart with one change: the startup probe of nginx asks nginx itself and does not wait for the setup
 * Job. The container `cron` waits for the setup Job and does nothing.
 *
 * @throws Error if the image is not built or the chart does not render.
 */
export async function createParts(
  cluster: KubeConfig,
  input: { readonly namespace: string; readonly stateDir: string; readonly images: Manifest },
): Promise<void> {
  const { namespace, stateDir, images } = input;
  const web = images.images['woocommerce-web'];
  if (web === undefined)
    throw new Error('the image woocommerce-web is not built. Run "npm run images -- woocommerce-web"');
  await importImage({ stateDir, archive: web.archive });
  const { images: chart, secretKeys, secretName } = engineSpec('woocommerce');
  const overlay = { ...chartImages(images, chart).values, image: { repository: web.repository, tag: web.tag } };
  const { objects, problem } = await renderChart('woocommerce', chartValues('woocommerce', overlay));
  if (problem !== '') throw new Error(problem);
  const api = KubernetesObjectApi.makeApiClient(cluster);
  const base = { apiVersion: 'v1', metadata: { namespace } };
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  const stringData = Object.fromEntries(secretKeys.map(({ key }) => [key, randomUUID()]));
  const secret = { ...base, kind: 'Secret', metadata: { namespace, name: secretName }, stringData };
  await api.create(secret);
  for (const object of objects.filter(({ kind }) => KINDS.includes(kind ?? ''))) {
    await api.create(withoutSetup({ ...object, metadata: Object.assign({}, object.metadata, { namespace }) }));
  }
}

function withoutSetup(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Deployment') return object;
  const deployment: V1Deployment = structuredClone(object);
  const nginx = deployment.spec?.template.spec?.containers.find(({ name }) => name === 'nginx');
  if (nginx?.startupProbe?.httpGet === undefined)
    throw new Error('the chart has no container nginx with a startup probe over HTTP');
  nginx.startupProbe.httpGet.path = '/-/nginx';
  return deployment;
}
