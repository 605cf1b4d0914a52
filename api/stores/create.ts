import type { CreateStoreInput, CreateStoreResult, OperationRecord, StoreRecord } from '../../db/index.ts';
import type { PlacementRefusal } from '../../domain/clusters.ts';
import { singleFlight } from '../../domain/single-flight.ts';
import type { CreateStoreBody } from '../contract/store.ts';
import { Problem } from '../problems/problem.ts';
import { startOrLeaveToSchedule, type RequestContext, type StoreServiceOptions, type VerbTools } from './context.ts';
import { draftStore } from './draft.ts';
import { requestHashOf } from './idempotency.ts';

export interface CreateInput {
  readonly idempotencyKey: string;
  readonly body: CreateStoreBody;
  /** The entry of the audit log, which a new store has in its transaction. */
  readonly audit?: CreateStoreInput['audit'] | undefined;
}

export interface CreateOutcome {
  readonly store: StoreRecord;
  readonly operation: OperationRecord;
  /** Whether the same request came before. */
  readonly replayed: boolean;
}

export function createVerb(options: StoreServiceOptions, tools: VerbTools) {
  const { records, installation, addresses, maxStores, now } = options;
  const creating = singleFlight<CreateOutcome>();

  /** Equal requests at the same time share one transaction, so a burst of retries costs as much as one request. */
  async function create(request: RequestContext, input: CreateInput): Promise<CreateOutcome> {
    const { tenantId } = request.caller;
    const requestHash = requestHashOf(input.body);
    const key = JSON.stringify([tenantId, input.idempotencyKey, requestHash]);
    const { result, shared } = creating(key, () => createOnce(request, input, requestHash));
    const outcome = await result;
    return { ...outcome, replayed: outcome.replayed || shared };
  }

  async function createOnce(
    request: RequestContext,
    { idempotencyKey, body, audit }: CreateInput,
    requestHash: string,
  ) {
    const { tenantId, actor } = request.caller;
    const result = await records.create({
      ...draftStore({ installation, tenantId, idempotencyKey, body, addresses }),
      idempotencyKey,
      requestHash,
      requestedBy: actor,
      correlationId: request.correlationId,
      maxStores,
      ...(audit === undefined ? {} : { audit }),
      now: now(),
    });
    if (result.kind === 'keyReused') {
      throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key belongs to an earlier request with another body.');
    }
    if (result.kind === 'namespaceTaken') {
      throw new Problem(
        'NAMESPACE_TAKEN',
        `Another store has the namespace ${result.namespace}. Send the request with another Idempotency-Key.`,
      );
    }
    if (result.kind === 'quotaExceeded') {
      const { limit, live } = result;
      throw new Problem('QUOTA_EXCEEDED', `You have ${live} of ${limit} stores.`, { extensions: { limit, live } });
    }
    if (result.kind === 'clusterRefused') throw clusterRefused(result);
    const { store, operation } = result;
    // A replay also starts the run: the API can have died after it recorded the first request.
    if (store.status === 'requested' && store.pending?.kind === 'provision') {
      await startOrLeaveToSchedule(request, store, () => tools.start('provision', request, store, { isFirst: true }));
    }
    return { store, operation, replayed: result.kind === 'replayed' };
  }

  return create;
}

/** Only an operator changes the state of a cluster, so a client asks again after minutes. */
const CLUSTER_RETRY_SECONDS = 300;

function clusterRefused({
  clusters,
  reason,
}: Extract<CreateStoreResult, { readonly kind: 'clusterRefused' }>): Problem {
  return new Problem(
    'CLUSTER_NOT_ACCEPTING',
    `${REFUSALS[reason]}. Try again later, or ask an operator of the platform.`,
    { extensions: { clusters, reason }, headers: { 'Retry-After': String(CLUSTER_RETRY_SECONDS) } },
  );
}

const REFUSALS = {
  unmatched: 'No cluster has the labels of `placement`',
  full: 'Every cluster that could take the store is full',
  cordoned: 'Every cluster that could take the store is cordoned',
  draining: 'Every cluster that could take the store is draining',
} as const satisfies Record<PlacementRefusal, string>;
