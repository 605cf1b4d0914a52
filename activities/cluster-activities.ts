import type { ClusterActivities } from '../domain/ports/cluster.ts';
import { createAbsenceActivities } from './namespace/absence.ts';
import type { Helm } from './adapters/helm-cli.ts';
import type { Kube } from './adapters/kube.ts';
import { withHeartbeat } from './runtime/activity-context.ts';
import { createNamespaceActivities, type NamespaceDependencies } from './namespace/namespace.ts';
import { ownedBy } from './namespace/ownership.ts';
import { createReadinessActivities, type ReadinessDependencies } from './readiness/await-ready.ts';
import { createReleaseActivities, type ReleaseDependencies } from './release/release.ts';
import { createReadyMarkActivities } from './namespace/ready-mark.ts';
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
  /** See `VerificationDependencies`. */
  readonly ca?: string | undefined;
  readonly readyDeadlineMs: number;
  /** See `ReadinessDependencies`. */
  readonly unschedulableMs?: number | undefined;
  readonly setCondition?: ReadinessDependencies['setCondition'];
  /** See `NamespaceDependencies`. */
  readonly dnsNetworks?: readonly string[];
  /** See `NamespaceDependencies`. */
  readonly extraPerPod?: NamespaceDependencies['extraPerPod'];
  /** See `ReleaseDependencies`. Default: 10 s. */
  readonly lockPatienceMs?: number;
  /** How long the first attempt of `awaitAbsence` waits. Default: 20 s, longer than most deletions take. */
  readonly firstAbsenceAttemptMs?: number;
  readonly now?: () => number;
  /** Id of the installation that owns the stores: several may share the cluster. */
  readonly installation: string;
}

/** Creates the cluster activities on the Kubernetes API and Helm. */
export function createClusterActivities(deps: ClusterDependencies): ClusterActivities {
  const { kube, helm, chartOf, valuesOf, readyDeadlineMs, installation } = deps;
  const now = deps.now ?? Date.now;
  const namespaces = createNamespaceActivities({
    kube,
    now,
    dnsNetworks: deps.dnsNetworks,
    extraPerPod: deps.extraPerPod,
  });
  const readyMarks = createReadyMarkActivities({ kube, now });
  const secrets = createSecretActivities({ kube });
  const releases = createReleaseActivities({
    kube,
    helm,
    chartOf,
    valuesOf,
    now,
    lockPatienceMs: deps.lockPatienceMs ?? 10_000,
  });
  const readiness = createReadinessActivities({
    kube,
    readyDeadlineMs,
    unschedulableMs: deps.unschedulableMs,
    setCondition: deps.setCondition,
    now,
  });
  const verification = createVerificationActivities({ kube, now, addressOf: deps.addressOf, ca: deps.ca });
  const volumes = createVolumeActivities({ kube });
  const absence = createAbsenceActivities({
    kube,
    now,
    firstAttemptMs: deps.firstAbsenceAttemptMs ?? 20_000,
    deleteNamespace: namespaces.deleteNamespace,
  });
  const owned = <I extends { readonly store: StoreTarget }>(input: I) => ownedBy(installation, input);
  return {
    ensureNamespace: (input) => withHeartbeat(() => namespaces.ensureNamespace(owned(input))),
    ensureSecrets: (input) => withHeartbeat(() => secrets.ensureSecrets(owned(input))),
    ensureRelease: (input) => withHeartbeat(() => releases.ensureRelease(owned(input))),
    awaitReady: (input) => readiness.awaitReady(owned(input)),
    markReady: (input) => readyMarks.markReady(owned(input)),
    verifyStore: (input) => verification.verifyStore(owned(input)),
    verifyCheckout: (input) => verification.verifyCheckout(owned(input)),
    deleteRelease: (input) => withHeartbeat(() => releases.deleteRelease(owned(input))),
    deleteNamespace: (input) => withHeartbeat(() => namespaces.deleteNamespace(owned(input))),
    awaitAbsence: (input) => absence.awaitAbsence(owned(input)),
    keepVolumes: (input) => withHeartbeat(() => volumes.keepVolumes(owned(input))),
  };
}
