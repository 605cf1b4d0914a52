import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadYaml } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';
import { isLarger } from './quantity.ts';

type Values = Readonly<Record<string, unknown>>;

export interface VolumeChart {
  readonly dir: string;
  /** Name of each volume claim of the chart, and the path of the value with its size. */
  readonly volumeSizes: Readonly<Record<string, string>>;
}

/**
 * Returns the chart values with the sizes of the live volumes where these are larger than the values ask for. A volume
 * that an operator has enlarged can't be made smaller again: Kubernetes would refuse the whole release.
 *
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function keepGrownVolumes(
  kube: Kube,
  namespace: string,
  { chart, values }: { readonly chart: VolumeChart; readonly values: Values },
): Promise<Values> {
  const { items } = await kube.call(`list the volume claims of ${namespace}`, () =>
    kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
  );
  const live = items.flatMap((claim) => {
    const path = chart.volumeSizes[nameOf(claim, 'PersistentVolumeClaim')];
    const size = claim.spec?.resources?.requests?.['storage'];
    return path === undefined || size === undefined ? [] : [{ path: path.split('.'), size }];
  });
  if (live.length === 0) return values;
  const defaults = loadYaml<Values>(await readFile(join(chart.dir, 'values.yaml'), 'utf8'));
  return live.reduce((result, { path, size }) => {
    const wanted = valueAt(values, path) ?? valueAt(defaults, path);
    return typeof wanted === 'string' && isLarger(size, wanted) ? withValueAt(result, path, size) : result;
  }, values);
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), values);
}

function withValueAt(values: Values, [key = '', ...rest]: readonly string[], value: unknown): Values {
  const inner = values[key];
  return { ...values, [key]: rest.length === 0 ? value : withValueAt(isObject(inner) ? inner : {}, rest, value) };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
