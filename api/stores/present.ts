import { awaitsDelete, isOperationRunning, actionableOf, type StoreRecord } from '../../db/index.ts';
import { failureKind } from '../../domain/failure.ts';
import { allowedActions } from '../../domain/store/actions.ts';
import type { StoreResource } from '../../domain/store/store.ts';

/** Where links into the Temporal Web UI lead. */
export interface WebUi {
  readonly url: string;
  readonly namespace: string;
}

/** The store as callers see it. */
export function toStoreResource(record: StoreRecord, webUi: WebUi): StoreResource {
  // Addresses of a store that is not there would only lead people into the void.
  const served = record.status === 'ready';
  return {
    id: record.id,
    name: record.name,
    engine: record.engine,
    status: record.status,
    namespace: record.namespace,
    release: record.releaseName,
    chartVersion: record.chartVersion,
    nodes: record.nodes,
    verification: record.verification,
    lastVerifiedAt: record.lastVerifiedAt?.toISOString() ?? null,
    degraded: degradedOf(record),
    urls: { storefront: served ? record.storefrontUrl : null, admin: served ? record.adminUrl : null },
    operation: runningOperation(record, webUi),
    failure: failureOf(record),
    onFailure: record.onFailure,
    overrides: record.overrides,
    heldUntil: record.heldUntil?.toISOString() ?? null,
    volumePolicy: record.volumePolicy ?? 'delete',
    undeleteUntil: record.undeleteUntil?.toISOString() ?? null,
    allowedActions: allowedActions(actionableOf(record)),
    drift: driftOf(record),
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    readyAt: record.readyAt?.toISOString() ?? null,
    deletedAt: record.deletedAt?.toISOString() ?? null,
  };
}

/** The operation that was asked for and has not ended, whether or not a run has taken it up. */
export function runningOperation(record: StoreRecord, webUi: WebUi): StoreResource['operation'] {
  const { operationWorkflowId: workflowId, operationRunId: runId, deleteRequestedAt } = record;
  if (isOperationRunning(record)) {
    return {
      kind: record.operationKind,
      workflowId,
      runId,
      step: record.operationStep,
      since: record.operationStartedAt.toISOString(),
      webUrl: webUrl(webUi, workflowId, runId),
    };
  }
  if (deleteRequestedAt === null || !awaitsDelete(record)) return null;
  const since = deleteRequestedAt.toISOString();
  return { kind: 'delete', workflowId, runId: null, step: null, since, webUrl: webUrl(webUi, workflowId, null) };
}

function failureOf(record: StoreRecord): StoreResource['failure'] {
  if (record.failureCode === null) return null;
  return {
    code: record.failureCode,
    message: record.failureMessage ?? failureKind(record.failureCode).title,
    step: record.failureStep,
    retryable: failureKind(record.failureCode).retryable,
    evidence: record.failureEvidence,
  };
}

/** Told while the store is ready only: of any other, what differs is the business of its operation. */
function driftOf({ status, driftSince, driftObjects }: StoreRecord): StoreResource['drift'] {
  if (status !== 'ready' || driftSince === null || driftObjects === null) return null;
  return { since: driftSince.toISOString(), objects: driftObjects };
}

function degradedOf({ status, degradedSince, degradedCause }: StoreRecord): StoreResource['degraded'] {
  if (status !== 'ready' || degradedSince === null || degradedCause === null) return null;
  return { since: degradedSince.toISOString(), ...degradedCause };
}

function webUrl(webUi: WebUi, workflowId: string, runId: string | null): string {
  const base = webUi.url.replace(/\/+$/, '');
  const path = ['namespaces', webUi.namespace, 'workflows', workflowId, ...(runId === null ? [] : [runId])];
  return `${base}/${path.map(encodeURIComponent).join('/')}`;
}
