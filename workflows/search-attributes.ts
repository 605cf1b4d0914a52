import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { StoreStatus } from '../domain/store/status.ts';
import type { OperationKind, ReconcileKind } from '../domain/operations/catalogue.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';

/** What operators filter runs by in the Web UI. All keywords; `StoreStatus` is moved on by the workflow itself. */
export const SEARCH_ATTRIBUTES = {
  storeId: defineSearchAttributeKey('StoreId', SearchAttributeType.KEYWORD),
  tenantId: defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD),
  engine: defineSearchAttributeKey('Engine', SearchAttributeType.KEYWORD),
  storeStatus: defineSearchAttributeKey('StoreStatus', SearchAttributeType.KEYWORD),
  operation: defineSearchAttributeKey('Operation', SearchAttributeType.KEYWORD),
} as const;

/** Names to register with a Temporal server before the first start that uses them. */
export const SEARCH_ATTRIBUTE_NAMES = Object.values(SEARCH_ATTRIBUTES).map((key) => key.name);

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
