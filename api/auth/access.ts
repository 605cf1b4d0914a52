import type { Role } from '../../domain/access/roles.ts';
import type { Scope } from '../../domain/access/scopes.ts';

/**
 * Principals that may call an operation.
 *
 * - `public`: everyone, without credentials.
 * - `user`: every authenticated principal, also without a tenant.
 * - a role: members of the tenant with at least this role, and operators.
 * - `operator`: operators of the platform.
 */
export type Needed = 'public' | 'user' | Role | 'operator';

export interface Access {
  readonly needs: Needed;
  /** Scope that a token with scopes needs. `any`: none. Null: a token with scopes may not call the operation, unless it is public. */
  readonly scope: Scope | 'any' | null;
}

/**
 * The one table that says who may call which operation. An operation without a row is refused for everyone, and a test
 * compares the table with the OpenAPI document.
 */
const ACCESS: Readonly<Record<string, Access>> = {
  login: { needs: 'public', scope: null },
  setUp: { needs: 'public', scope: null },
  logout: { needs: 'user', scope: null },
  changePassword: { needs: 'user', scope: null },
  listSessions: { needs: 'user', scope: null },
  endSession: { needs: 'user', scope: null },
  getMe: { needs: 'user', scope: 'any' },
  listStores: { needs: 'viewer', scope: 'stores:read' },
  createStore: { needs: 'member', scope: 'stores:write' },
  getStore: { needs: 'viewer', scope: 'stores:read' },
  getStoreCredentials: { needs: 'admin', scope: 'stores:credentials' },
  listStoreEvents: { needs: 'viewer', scope: 'stores:read' },
  listOperationEvents: { needs: 'viewer', scope: 'stores:read' },
  listTenantEvents: { needs: 'viewer', scope: 'stores:read' },
  listOperations: { needs: 'viewer', scope: 'stores:read' },
  getOperation: { needs: 'viewer', scope: 'stores:read' },
  deleteStore: { needs: 'member', scope: 'stores:write' },
  retryStore: { needs: 'member', scope: 'stores:write' },
  cancelStore: { needs: 'member', scope: 'stores:write' },
  continueStore: { needs: 'member', scope: 'stores:write' },
  skipVerification: { needs: 'member', scope: 'stores:write' },
  abortStore: { needs: 'member', scope: 'stores:write' },
  undeleteStore: { needs: 'member', scope: 'stores:write' },
  listWebhooks: { needs: 'member', scope: 'webhooks:read' },
  createWebhook: { needs: 'admin', scope: 'webhooks:write' },
  getWebhook: { needs: 'member', scope: 'webhooks:read' },
  updateWebhook: { needs: 'admin', scope: 'webhooks:write' },
  deleteWebhook: { needs: 'admin', scope: 'webhooks:write' },
  rotateWebhookSecret: { needs: 'admin', scope: 'webhooks:write' },
  testWebhook: { needs: 'admin', scope: 'webhooks:write' },
  enableWebhook: { needs: 'admin', scope: 'webhooks:write' },
  disableWebhook: { needs: 'admin', scope: 'webhooks:write' },
  listWebhookDeliveries: { needs: 'member', scope: 'webhooks:read' },
  redeliverWebhook: { needs: 'admin', scope: 'webhooks:write' },
  listAudit: { needs: 'admin', scope: 'audit:read' },
  getQuota: { needs: 'viewer', scope: 'stores:read' },
  getStatistics: { needs: 'viewer', scope: 'stores:read' },
  getAllStatistics: { needs: 'operator', scope: 'platform:operate' },
  listClusters: { needs: 'operator', scope: 'platform:operate' },
  addCluster: { needs: 'operator', scope: 'platform:operate' },
  updateCluster: { needs: 'operator', scope: 'platform:operate' },
  listAllStores: { needs: 'operator', scope: 'platform:operate' },
  listAllOperations: { needs: 'operator', scope: 'platform:operate' },
  listSchedules: { needs: 'operator', scope: 'platform:operate' },
  pauseSchedule: { needs: 'operator', scope: 'platform:operate' },
  resumeSchedule: { needs: 'operator', scope: 'platform:operate' },
  triggerSchedule: { needs: 'operator', scope: 'platform:operate' },
  listAllAudit: { needs: 'operator', scope: 'platform:operate' },
  listOrphans: { needs: 'operator', scope: 'platform:operate' },
  removeOrphan: { needs: 'operator', scope: 'platform:operate' },
  listUnaccounted: { needs: 'operator', scope: 'platform:operate' },
  adoptUnaccounted: { needs: 'operator', scope: 'platform:operate' },
  keepUnaccounted: { needs: 'operator', scope: 'platform:operate' },
  removeUnaccounted: { needs: 'operator', scope: 'platform:operate' },
  getRemovals: { needs: 'operator', scope: 'platform:operate' },
  listTenants: { needs: 'user', scope: 'any' },
  listMembers: { needs: 'viewer', scope: 'members:read' },
  updateMember: { needs: 'admin', scope: 'members:write' },
  removeMember: { needs: 'admin', scope: 'members:write' },
  listInvitations: { needs: 'admin', scope: 'members:read' },
  createInvitation: { needs: 'admin', scope: 'members:write' },
  deleteInvitation: { needs: 'admin', scope: 'members:write' },
  // The secret of the invitation is the credential.
  acceptInvitation: { needs: 'public', scope: null },
  listServiceAccounts: { needs: 'admin', scope: 'members:read' },
  createServiceAccount: { needs: 'admin', scope: 'members:write' },
  deleteServiceAccount: { needs: 'admin', scope: 'members:write' },
  // The handlers allow the tokens of service accounts only to admins.
  listTokens: { needs: 'viewer', scope: 'tokens:read' },
  createToken: { needs: 'viewer', scope: 'tokens:write' },
  deleteToken: { needs: 'viewer', scope: 'tokens:write' },
  createDeviceCode: { needs: 'public', scope: null },
  redeemDeviceCode: { needs: 'public', scope: null },
  // The handler allows it only to browser sessions.
  decideDevice: { needs: 'user', scope: null },
  listAllTenants: { needs: 'operator', scope: 'platform:operate' },
  createTenant: { needs: 'operator', scope: 'platform:operate' },
  updateTenant: { needs: 'operator', scope: 'platform:operate' },
  resumeRemovals: { needs: 'operator', scope: 'platform:operate' },
};

/** Ids of the operations in the table. */
export const KNOWN_OPERATIONS: readonly string[] = Object.keys(ACCESS);

/** Returns the row of an operation, or undefined: then no principal may call it. */
export function accessTo(operationId: string): Access | undefined {
  return Object.hasOwn(ACCESS, operationId) ? ACCESS[operationId] : undefined;
}
