import { componentOf, type ApiResponse, type Link } from './types.ts';

/**
 * Links from a resource to the operations that take its ids, for tools that follow them, such as stateful contract tests.
 * Keys are names of components. `id` is the expression of the path parameter.
 */
const LINKS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Store: {
    '$response.body#/storeId': [
      'getStore',
      'listStoreEvents',
      'listOperations',
      'deleteStore',
      'retryStore',
      'cancelStore',
      'continueStore',
      'skipVerification',
      'abortStore',
      'undeleteStore',
    ],
    '$response.body#/operation/operationId': ['getOperation'],
  },
  StorePage: { '$response.body#/data/0/storeId': ['getStore', 'listStoreEvents', 'listOperations'] },
  Member: { '$response.body#/userId': ['updateMember', 'removeMember'] },
  InvitationWithSecret: { '$response.body#/invitationId': ['deleteInvitation'] },
  ServiceAccount: { '$response.body#/serviceAccountId': ['deleteServiceAccount'] },
  TokenWithSecret: { '$response.body#/tokenId': ['deleteToken'] },
  Tenant: { '$response.body#/tenantId': ['updateTenant'] },
  Operation: {
    '$response.body#/operationId': ['getOperation'],
    '$response.body#/storeId': ['getStore', 'listStoreEvents', 'listOperations'],
  },
  OperationPage: {
    '$response.body#/data/0/operationId': ['getOperation'],
    '$response.body#/data/0/storeId': ['getStore'],
  },
};

/** Returns the links of a response, or undefined if its resource has none. */
export function linksOf(response: ApiResponse): Readonly<Record<string, Link>> | undefined {
  const resource = componentOf(response.content?.['application/json']?.schema);
  const table = resource === undefined ? undefined : LINKS[resource];
  if (table === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(table).flatMap(([id, operations]) =>
      operations.map((operationId) => [operationId, { operationId, parameters: { id } }]),
    ),
  );
}
