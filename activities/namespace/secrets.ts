import { randomInt } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { assertNever } from '../../domain/assert-never.ts';
import { engineSpec, type EngineSpec, type SecretKeySpec } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { MANAGER } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { resourceVersionOf } from '../adapters/object-identity.ts';
import { belongsTo, labelsOf, type Owned, type OwnedStore } from './ownership.ts';
import { findOwnNamespace } from './lookup.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations/inputs.ts';
import type { SecretsResult } from '../../domain/operations/outcomes.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Another attempt may write the Secret at the same time. More conflicts than this are not plausible. */
const MAX_TRIES = 5;

export function createSecretActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Creates the store's Secret with random values. Safe to repeat: an existing Secret keeps every value, and only
   * missing keys are added. No value leaves this function.
   *
   * @throws StoreError CLUSTER_REFUSED without a namespace of the store, NAMESPACE_FOREIGN for a Secret of another owner
   */
  async function ensureSecrets({ store }: Owned<ActivityInput>): Promise<SecretsResult> {
    const spec = engineSpec(store.engine);
    if ((await findOwnNamespace(kube, store)) === undefined) {
      throw new StoreError('CLUSTER_REFUSED', `this store has no namespace ${store.namespace} for its Secret`);
    }
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const present = await readSecret(kube, store, spec);
      if (present === undefined) {
        if (await createSecret(kube, store, spec)) return { secretName: spec.secretName, created: true };
      } else if (await addMissingKeys(kube, store, spec, present)) {
        return { secretName: spec.secretName, created: false };
      }
    }
    throw new StoreError(
      'CLUSTER_UNAVAILABLE',
      `the Secret ${spec.secretName} was changed during each of ${MAX_TRIES} attempts to write it`,
    );
  }

  return { ensureSecrets };
}

/**
 * Reads the values of the Secret in a store's namespace, to redact them: also without ownership labels, which someone
 * may have removed. An activity must never return them.
 */
export async function readSecretValues(kube: Kube, store: StoreTarget): Promise<readonly string[]> {
  return Object.values(entriesOf(await readSecret(kube, store, engineSpec(store.engine))));
}

/**
 * Reads a store's Secret by key; empty when it does not exist. An activity must never return it.
 *
 * @throws StoreError NAMESPACE_FOREIGN for a Secret of another owner
 */
export async function readSecretEntries(kube: Kube, store: OwnedStore): Promise<Readonly<Record<string, string>>> {
  const spec = engineSpec(store.engine);
  const secret = await readSecret(kube, store, spec);
  if (secret !== undefined && !belongsTo(store, secret)) throw foreignSecret(spec);
  return entriesOf(secret);
}

function entriesOf(secret: V1Secret | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(secret?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

function foreignSecret({ secretName }: EngineSpec): StoreError {
  return new StoreError(
    'NAMESPACE_FOREIGN',
    `the Secret ${secretName} exists and its labels do not name this store and this installation`,
  );
}

function readSecret(kube: Kube, store: StoreTarget, spec: EngineSpec): Promise<V1Secret | undefined> {
  return kube.callUnless(404, `read the Secret ${spec.secretName}`, () =>
    kube.core.readNamespacedSecret({ name: spec.secretName, namespace: store.namespace }),
  );
}

/** Returns false when the Secret exists already. */
async function createSecret(kube: Kube, store: OwnedStore, spec: EngineSpec): Promise<boolean> {
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

/** Returns false when the Secret has changed since it was read. */
async function addMissingKeys(kube: Kube, store: OwnedStore, spec: EngineSpec, present: V1Secret): Promise<boolean> {
  if (!belongsTo(store, present)) throw foreignSecret(spec);
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
