import type { Operation, Store, StoreCredentials } from '../../client/index.ts';
import type { Output } from '../output/output.ts';

/** Shows one store. */
export function showStore(output: Output, store: Store): void {
  if (output.isJson) return output.json([store]);
  const { operation, failure, servesTrafficReason } = store;
  output.fields([
    ['id', store.storeId],
    ['name', store.name],
    ['slug', store.slug],
    ['engine', store.engine],
    ['status', store.status],
    ...pair(
      'operation',
      operation === null ? null : `${operation.kind} ${operation.status} ${operation.step ?? ''}`.trim(),
    ),
    ...pair('failure', failure === null ? null : `${failure.message} (${failure.code})`),
    ...pair('storefront', store.urls.storefront),
    ...pair('admin', store.urls.admin),
    ...pair('note', store.status === 'ready' ? servesTrafficReason : null),
    ...pair('actions', store.allowedActions.join(', ') || null),
    ['created', store.createdAt],
  ]);
}

/** Shows the sign-in to the admin pages of a store. */
export function showCredentials(output: Output, credentials: StoreCredentials): void {
  if (output.isJson) return output.json([credentials]);
  const { admin, storefrontUrl } = credentials;
  output.fields([
    ...pair('storefront', storefrontUrl),
    ...pair('admin', admin.url),
    [admin.loginKind, admin.login],
    ['password', admin.password],
  ]);
}

function pair(name: string, value: string | null): readonly (readonly [string, string])[] {
  return value === null ? [] : [[name, value]];
}

/** Shows stores as a table. */
export function showStores(output: Output, stores: readonly Store[]): void {
  if (stores.length === 0) return output.say('No stores.');
  output.table(
    ['ID', 'NAME', 'ENGINE', 'STATUS', 'STEP', 'CREATED'],
    stores.map(({ storeId, name, engine, status, operation, createdAt }) => [
      storeId,
      name,
      engine,
      status,
      operation?.step ?? '',
      createdAt,
    ]),
  );
}

/** Shows one operation. */
export function showOperation(output: Output, operation: Operation): void {
  if (output.isJson) return output.json([operation]);
  const { failure } = operation;
  output.fields([
    ['id', operation.operationId],
    ['store', operation.storeId],
    ['kind', operation.kind],
    ['status', operation.status],
    ...pair('step', operation.step),
    ...pair('failure', failure === null ? null : `${failure.message} (${failure.code})`),
    ['requested', operation.requestedAt],
    ...pair('ended', operation.endedAt),
    ['workflow', operation.webUrl],
  ]);
}

/** Shows operations as a table. */
export function showOperations(output: Output, operations: readonly Operation[]): void {
  if (output.isJson) return output.json(operations);
  output.table(
    ['ID', 'KIND', 'STATUS', 'STEP', 'REQUESTED', 'ENDED'],
    operations.map(({ operationId, kind, status, step, requestedAt, endedAt }) => [
      operationId,
      kind,
      status,
      step ?? '',
      requestedAt,
      endedAt ?? '',
    ]),
  );
}
