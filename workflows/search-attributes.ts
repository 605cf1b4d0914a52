import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { StoreStatus } from '../domain/store/status.ts';
import type { OperationKind, ReconcileKind } from '../domain/operations/catalogue.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';

/** Search attributes by which operators filter runs in the Web UI. All are keywords. The workflow updates `StoreStatus`. */
export const SEARCH_ATTRIBUTES = {
  storeId: defineSearchAttributeKey('StoreId', SearchAttributeType.KEYWORD),
  tenantId: defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD),
  engine: defineSearchAttributeKey('Engine', SearchAttributeType.KEYWORD),
  storeStatus: defineSearchAttributeKey('StoreStatus', SearchAttributeType.KEYWORD),
  operation: defineSearchAttributeKey('Operation', SearchAttributeType.KEYWORD),
} as const;

/** The names that the Temporal server must know before the first run starts. */
export const SEARCH_ATTRIBUTE_NAMES = Object.values(SEARCH_ATTRIBUTES).map((key) => key.name);

/** Returns the search attributes with which a run of a store starts. Without `status`, `StoreStatus` is not set. */
export function searchAttributesOf(
  store: StoreTarget,
  operation: OperationKind | ReconcileKind,
  status: StoreStatus | undefined,
): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.storeId, value: store.storeId },
    { key: SEARCH_ATTRIBUTES.tenantId, value: store.tenantId },
    { key: SEARCH_ATTRIBUTES.engine, value: store.engine },
    ...(status === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.storeStatus, value: status }]),
    { key: SEARCH_ATTRIBUTES.operation, value: operation },
  ]);
}
