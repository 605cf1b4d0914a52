import type { operations } from '@store-platform/client';

/** An operation of the API. The two others are messages that the API sends. */
export type OperationId = Exclude<keyof operations, 'pingMessage' | 'storeEventMessage'>;
export type Role = 'viewer' | 'member' | 'admin';
export type Needed = 'public' | 'user' | Role | 'operator';

/**
 * The access that each operation needs. With it, a page shows only actions that the person may use. The API decides again for
 * each request. A test compares the table with that of the API.
 */
export const ACCESS: Readonly<Record<OperationId, Needed>> = {
  login: 'public',
  setUp: 'public',
  logout: 'user',
  changePassword: 'user',
  listSessions: 'user',
  endSession: 'user',
  getMe: 'user',
  listStores: 'viewer',
  createStore: 'member',
  getStore: 'viewer',
  getStoreCredentials: 'admin',
  listStoreEvents: 'viewer',
  listOperationEvents: 'viewer',
  listTenantEvents: 'viewer',
  listOperations: 'viewer',
  getOperation: 'viewer',
  deleteStore: 'member',
  retryStore: 'member',
  cancelStore: 'member',
  continueStore: 'member',
  skipVerification: 'member',
  abortStore: 'member',
  undeleteStore: 'member',
  listWebhooks: 'member',
  createWebhook: 'admin',
  getWebhook: 'member',
  updateWebhook: 'admin',
  deleteWebhook: 'admin',
  rotateWebhookSecret: 'admin',
  testWebhook: 'admin',
  enableWebhook: 'admin',
  disableWebhook: 'admin',
  listWebhookDeliveries: 'member',
  redeliverWebhook: 'admin',
  listAudit: 'admin',
  getQuota: 'viewer',
  getStatistics: 'viewer',
  getAllStatistics: 'operator',
  listClusters: 'operator',
  addCluster: 'operator',
  updateCluster: 'operator',
  listAllStores: 'operator',
  listAllOperations: 'operator',
  listSchedules: 'operator',
  pauseSchedule: 'operator',
  resumeSchedule: 'operator',
  triggerSchedule: 'operator',
  listAllAudit: 'operator',
  listOrphans: 'operator',
  removeOrphan: 'operator',
  listUnaccounted: 'operator',
  adoptUnaccounted: 'operator',
  keepUnaccounted: 'operator',
  removeUnaccounted: 'operator',
  getRemovals: 'operator',
  listTenants: 'user',
  listMembers: 'viewer',
  updateMember: 'admin',
  removeMember: 'admin',
  listInvitations: 'admin',
  createInvitation: 'admin',
  deleteInvitation: 'admin',
  acceptInvitation: 'public',
  listServiceAccounts: 'admin',
  createServiceAccount: 'admin',
  deleteServiceAccount: 'admin',
  listTokens: 'viewer',
  createToken: 'viewer',
  deleteToken: 'viewer',
  createDeviceCode: 'public',
  redeemDeviceCode: 'public',
  decideDevice: 'user',
  listAllTenants: 'operator',
  createTenant: 'operator',
  updateTenant: 'operator',
  resumeRemovals: 'operator',
  explainProblem: 'public',
  getHealth: 'public',
  getLiveness: 'public',
  getReadiness: 'public',
};

const ROLES: readonly Role[] = ['viewer', 'member', 'admin'];

/** Returns whether a person with this role in the chosen tenant may call an operation. Null: no member of a tenant. */
export function mayCall(
  operation: OperationId,
  held: { readonly role: Role | null; readonly isOperator: boolean },
): boolean {
  const needs = ACCESS[operation];
  if (needs === 'public' || needs === 'user') return true;
  if (needs === 'operator') return held.isOperator;
  return held.role !== null && ROLES.indexOf(held.role) >= ROLES.indexOf(needs);
}
