import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';

/** Fields of the body and of the query that the audit log keeps. */
interface AuditedFields {
  readonly json?: readonly string[];
  readonly query?: readonly string[];
}

/**
 * Fields of each operation that the audit log keeps. Every other field may hold a secret, so it is left out. Chart values are
 * left out too.
 */
export const AUDITED_FIELDS: Readonly<Record<string, AuditedFields>> = {
  createStore: { json: ['name', 'engine', 'onFailure', 'volumePolicy', 'placement'] },
  deleteStore: { query: ['undeleteWindowSeconds', 'volumePolicy', 'keepVolumesForDays'] },
  createTenant: { json: ['tenantId', 'name', 'maxStores', 'maxRunning', 'maxRequestsPerMinute'] },
  updateTenant: { json: ['name', 'maxStores', 'maxRunning', 'maxRequestsPerMinute'] },
  addCluster: { json: ['name', 'labels', 'capacity', 'kubeconfigRef'] },
  updateCluster: { json: ['status', 'capacity', 'labels', 'kubeconfigRef', 'uid'] },
  pauseSchedule: { query: ['cluster'] },
  resumeSchedule: { query: ['cluster'] },
  triggerSchedule: { query: ['cluster'] },
  updateMember: { json: ['role'] },
  createInvitation: { json: ['email', 'role', 'expiresInDays'] },
  createServiceAccount: { json: ['name', 'role'] },
  createToken: { json: ['name', 'serviceAccountId', 'role', 'scopes', 'expiresInDays'] },
  decideDevice: { json: ['decision', 'tenantId'] },
  // The URL is left out, because the paths of many receivers are secrets.
  createWebhook: { json: ['eventTypes', 'description'] },
  updateWebhook: { json: ['eventTypes', 'description'] },
};

/** Returns the fields of a request that the audit log keeps, as the route has validated them. */
export function changeOf(c: Context<AppEnv>, operationId: string): Readonly<Record<string, unknown>> | undefined {
  const fields = Object.hasOwn(AUDITED_FIELDS, operationId) ? AUDITED_FIELDS[operationId] : undefined;
  const change = { ...pick(c, 'json', fields?.json), ...pick(c, 'query', fields?.query) };
  return Object.keys(change).length === 0 ? undefined : change;
}

function pick(c: Context<AppEnv>, part: 'json' | 'query', names: readonly string[] = []): Record<string, unknown> {
  // The type of `valid` knows only the parts that the route of a handler validates. Undefined: it was not valid.
  const validated = c.req.valid(part as never) as Readonly<Record<string, unknown>> | undefined;
  return Object.fromEntries(
    names.flatMap((name) => (validated?.[name] === undefined ? [] : [[name, validated[name]] as const])),
  );
}
