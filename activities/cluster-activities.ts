import type { ClusterActivities } from '../domain/ports/cluster.ts';
import { createAbsenceActivities } from './namespace/absence.ts';
import type { Helm } from './adapters/helm-cli.ts';
import type { Kube } from './adapters/kube.ts';
import { withHeartbeat } from './runtime/activity-context.ts';
import { createNamespaceActivities } from './namespace/namespace.ts';
import { createReadinessActivities } from './readiness/await-ready.ts';
import { createReleaseActivities, type ReleaseDependencies } from './release/release.ts';
import { createSecretActivities } from './namespace/secrets.ts';
import { createVolumeActivities } from './namespace/volumes.ts';
import { createVerificationActivities } from './verification/verify-store.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';

export interface ClusterDependencies {
  readonly kube: Kube;
  readonly helm: Helm;
  readonly chartOf: ReleaseDependencies['chartOf'];
  readonly valuesOf: ReleaseDependencies['valuesOf'];
  /** Returns the public address of a store: scheme, host and port. */
  readonly addressOf: (store: StoreTarget) => string;
  readonly readyDeadlineMs: number;
  /** See `ReleaseDependencies`. Default: 10 s. */
  readonly lockPatienceMs?: number;
  /** How long one attempt of `awaitAbsence` waits. Default: 5 min. */
  readonly absenceDeadlineMs?: number;
  readonly now?: () => number;
  /** Returns the installation id: several platforms may share the cluster. */
  readonly installation: () => Promise<string>;
}

/** Creates the cluster activities on the Kubernetes API and Helm. */
export function createClusterActivities(deps: ClusterDependencies): ClusterActivities {
  const { kube, helm, chartOf, valuesOf, readyDeadlineMs } = deps;
  const now = deps.now ?? Date.now;
  const namespaces = createNamespaceActivities({ kube, installation: deps.installation, now });
  const secrets = createSecretActivities({ kube });
  const releases = createReleaseActivities({
    kube,
    helm,
    chartOf,
    valuesOf,
    now,
    lockPatienceMs: deps.lockPatienceMs ?? 10_000,
  });
  const readiness = createReadinessActivities({ kube, readyDeadlineMs, now });
  const verification = createVerificationActivities({ kube, now, addressOf: deps.addressOf });
  const volumes = createVolumeActivities({ kube });
  const absence = createAbsenceActivities({
    kube,
    now,
    absenceDeadlineMs: deps.absenceDeadlineMs ?? 300_000,
    deleteNamespace: namespaces.deleteNamespace,
  });
  return {
    ensureNamespace: (input) => withHeartbeat(() => namespaces.ensureNamespace(input)),
    ensureSecrets: (input) => withHeartbeat(() => secrets.ensureSecrets(input)),
    ensureRelease: (input) => withHeartbeat(() => releases.ensureRelease(input)),
    awaitReady: readiness.awaitReady,
    verifyStore: verification.verifyStore,
    verifyCheckout: verification.verifyCheckout,
    deleteRelease: (input) => withHeartbeat(() => releases.deleteRelease(input)),
    deleteNamespace: (input) => withHeartbeat(() => namespaces.deleteNamespace(input)),
    awaitAbsence: absence.awaitAbsence,
    keepVolumes: (input) => withHeartbeat(() => volumes.keepVolumes(input)),
    expireVolumes: (input) => withHeartbeat(() => volumes.expireVolumes(input)),
  };
}
