import { randomInt } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { assertNever } from '../../domain/assert-never.ts';
import { engineSpec, type EngineSpec, type SecretKeySpec } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { MANAGER } from '../../domain/names.ts';
import type { ActivityInput, SecretsResult, StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { resourceVersionOf } from '../adapters/object-identity.ts';
import { belongsTo, labelsOf } from './objects.ts';
import { findOwnNamespace } from './lookup.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Another writer may add a key at the same moment; more often than that means that something else is wrong. */
const MAX_TRIES = 5;

export function createSecretActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Makes the store's one Secret. Safe to repeat: values are drawn once, a Secret that is there keeps every value that it
   * has, and only keys that it lacks are added. No value leaves this function.
   */
  async function ensureSecrets({ store }: ActivityInput): Promise<SecretsResult> {
    const spec = engineSpec(store.engine);
    if ((await findOwnNamespace(kube, store)) === undefined) {
      throw new StoreError('CLUSTER_REFUSED', `there is no namespace ${store.namespace} to put the Secret into`);
    }
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const present = await readSecret(kube, store, spec);
      if (present === undefined) {
        if (await createSecret(kube, store, spec)) return { secretName: spec.secretName, created: true };
      } else if (await addMissingKeys(kube, store, spec, present)) {
        return { secretName: spec.secretName, created: false };
      }
    }
    throw new StoreError('CLUSTER_UNAVAILABLE', `the Secret ${spec.secretName} keeps being changed by someone else`);
  }

  return { ensureSecrets };
}

/** The random values of a store's Secret, for masking them in what is shown. Never to be returned from an activity. */
export async function readSecretValues(kube: Kube, store: StoreTarget): Promise<readonly string[]> {
  return Object.values(await readSecretEntries(kube, store));
}

/** A store's Secret by key, empty when it is not there. Never to be returned from an activity. */
export async function readSecretEntries(kube: Kube, store: StoreTarget): Promise<Readonly<Record<string, string>>> {
  const secret = await readSecret(kube, store, engineSpec(store.engine));
  const entries = Object.entries(secret?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

function readSecret(kube: Kube, store: StoreTarget, spec: EngineSpec): Promise<V1Secret | undefined> {
  return kube.callUnless(404, `read the Secret ${spec.secretName}`, () =>
    kube.core.readNamespacedSecret({ name: spec.secretName, namespace: store.namespace }),
  );
}

/** False: someone else was quicker. */
async function createSecret(kube: Kube, store: StoreTarget, spec: EngineSpec): Promise<boolean> {
  const created = await kube.callUnless(409, `create the Secret ${spec.secretName}`, () =>
    kube.core.createNamespacedSecret({
      namespace: store.namespace,
      fieldManager: MANAGER,
      body: {
        metadata: { name: spec.secretName, labels: labelsOf(store) },
        type: 'Opaque',
        data: dataOf(spec.secretKeys),
      },
    }),
  );
  return created !== undefined;
}

/** False: it was changed meanwhile. */
async function addMissingKeys(kube: Kube, store: StoreTarget, spec: EngineSpec, present: V1Secret): Promise<boolean> {
  if (!belongsTo(store, present)) {
    throw new StoreError('NAMESPACE_FOREIGN', `the Secret ${spec.secretName} exists and does not belong to this store`);
  }
  const missing = spec.secretKeys.filter(({ key }) => present.data?.[key] === undefined);
  if (missing.length === 0) return true;
  const changed = await kube.merge<V1Secret>({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: spec.secretName,
      namespace: store.namespace,
      resourceVersion: resourceVersionOf(present, 'Secret'),
    },
    data: dataOf(missing),
  });
  return changed !== undefined;
}

function dataOf(keys: readonly SecretKeySpec[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key.key, Buffer.from(valueOf(key)).toString('base64')]));
}

function valueOf(key: SecretKeySpec): string {
  switch (key.kind) {
    case 'literal':
      return key.value;
    case 'random':
      return Array.from({ length: key.length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    default:
      return assertNever(key);
  }
}
