import {
  openOperation,
  actionableOf,
  runningOperation,
  type OperationRecord,
  type StoreRecord,
} from '../../db/index.ts';
import { failureKind } from '../../domain/failure.ts';
import { allowedActions } from '../../domain/store/actions.ts';
import type { NodeKind } from '../../domain/store/store.ts';
import type { Operation } from '../contract/operation.ts';
import type { Store } from '../contract/store.ts';

/** Where links into the Temporal Web UI lead. */
export interface WebUi {
  readonly url: string;
  readonly namespace: string;
}

/** The store as callers see it. `operation` replaces the one that is shown, for responses that accept an operation. */
export function toStore(record: StoreRecord, webUi: WebUi, operation = openOperation(record)): Store {
  return {
    storeId: record.id,
    name: record.name,
    engine: record.engine,
    cluster: record.cluster,
    status: record.status,
    slug: record.slug,
    namespace: record.namespace,
    releaseName: record.releaseName,
    chartVersion: record.chartVersion,
    servesTraffic: record.nodes === 'real',
    servesTrafficReason: NO_TRAFFIC_REASONS[record.nodes],
    verification: record.verification,
    lastVerifiedAt: instant(record.lastVerifiedAt),
    degraded: degradedOf(record),
    urls: urlsOf(record),
    operation: operation === null ? null : toOperation(operation, webUi),
    failure: record.status === 'failed' || record.status === 'held' ? failureOf(record.operation) : null,
    onFailure: record.onFailure,
    overrides: record.overrides,
    volumePolicy: record.volumePolicy ?? 'delete',
    undeleteUntil: instant(undeleteUntilOf(record)),
    allowedActions: allowedActions(actionableOf(record)),
    drift: driftOf(record),
    conditions: record.conditions,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    readyAt: instant(record.readyAt),
    deletedAt: instant(record.deletedAt),
  };
}

/** Returns the public addresses of a store. Those of a store that is not ready do not work yet, so they are null. */
export function urlsOf({ status, storefrontUrl, adminUrl }: StoreRecord): Store['urls'] {
  return status === 'ready' ? { storefront: storefrontUrl, admin: adminUrl } : { storefront: null, admin: null };
}

/** Returns the end of the undelete window while it is open. */
function undeleteUntilOf(record: StoreRecord): Date | null {
  const running = runningOperation(record);
  return running?.step === 'undelete-window' ? running.undeleteUntil : null;
}

/** Why a store on nodes of a kind serves no traffic. */
const NO_TRAFFIC_REASONS = {
  real: null,
  simulated: 'The nodes of the cluster are simulated: pods are reported ready, but nothing runs in them.',
  unknown: 'The platform has not seen the nodes of the cluster yet.',
} as const satisfies Record<NodeKind, string | null>;

/** The operation as callers see it. */
export function toOperation(operation: OperationRecord, webUi: WebUi): Operation {
  const { workflowId, runId } = operation;
  return {
    operationId: operation.id,
    storeId: operation.storeId,
    kind: operation.kind,
    status: operation.status,
    step: operation.step,
    workflowId,
    runId,
    webUrl: webUrl(webUi, workflowId, runId),
    requestedBy: operation.requestedBy,
    correlationId: operation.correlationId,
    idempotencyKey: operation.idempotencyKey,
    failure: failureOf(operation),
    queuedSince: instant(operation.queuedSince),
    heldUntil: instant(operation.heldUntil),
    cancelRequestedAt: instant(operation.cancelRequestedAt),
    deletePlan: deletePlanOf(operation),
    undeleteRequestedAt: instant(operation.undeleteRequestedAt),
    requestedAt: operation.requestedAt.toISOString(),
    startedAt: instant(operation.startedAt),
    endedAt: instant(operation.endedAt),
  };
}

function deletePlanOf({ undeleteWindowSeconds, volumePolicy }: OperationRecord): Operation['deletePlan'] {
  if (undeleteWindowSeconds === null || volumePolicy === null) return null;
  return { undeleteWindowSeconds, volumePolicy };
}

function instant(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

function failureOf(operation: OperationRecord): Operation['failure'] {
  if (operation.failureCode === null) return null;
  const { title, retryable } = failureKind(operation.failureCode);
  return {
    code: operation.failureCode,
    message: operation.failureMessage ?? title,
    step: operation.failureStep,
    retryable,
    evidence: operation.failureEvidence,
  };
}

/** Only for a ready store: while an operation runs, differences are expected. */
function driftOf({ status, driftSince, driftObjects }: StoreRecord): Store['drift'] {
  if (status !== 'ready' || driftSince === null || driftObjects === null) return null;
  return { since: driftSince.toISOString(), objects: driftObjects };
}

function degradedOf({ status, degradedSince, degradedCause }: StoreRecord): Store['degraded'] {
  if (status !== 'ready' || degradedSince === null || degradedCause === null) return null;
  return { since: degradedSince.toISOString(), ...degradedCause };
}

function webUrl(webUi: WebUi, workflowId: string, runId: string | null): string {
  const base = webUi.url.replace(/\/+$/, '');
  const path = ['namespaces', webUi.namespace, 'workflows', workflowId, ...(runId === null ? [] : [runId])];
  return `${base}/${path.map(encodeURIComponent).join('/')}`;
}
