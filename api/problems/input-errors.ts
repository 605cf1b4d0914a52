import type { Hook } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { ProblemCode } from './catalogue.ts';
import { Problem } from './problem.ts';
import type { InputError } from '../contract/problem.ts';

type HookResult = Parameters<Hook<unknown, AppEnv, string, unknown>>[0];
type FailedResult = Extract<HookResult, { readonly success: false }>;
type Issue = FailedResult['error']['issues'][number];

const PARTS = {
  json: 'body',
  form: 'body',
  query: 'query',
  header: 'header',
  cookie: 'header',
  param: 'path',
} as const;

const STORE_NOT_FOUND = ['/api/stores/', 'STORE_NOT_FOUND', 'A store id is a UUID.'] as const;

/** The problem of an invalid parameter, by the start of the path. */
const NOT_FOUND: readonly (readonly [string, ProblemCode, string])[] = [
  STORE_NOT_FOUND,
  ['/api/operations/', 'OPERATION_NOT_FOUND', 'An operation id is a UUID.'],
  ['/api/members/', 'MEMBER_NOT_FOUND', 'The id of a member is a UUID.'],
  ['/api/invitations/', 'INVITATION_NOT_FOUND', 'The id of an invitation is a UUID.'],
  ['/api/service-accounts/', 'SERVICE_ACCOUNT_NOT_FOUND', 'The id of a service account is a UUID.'],
  ['/api/tokens/', 'TOKEN_NOT_FOUND', 'The id of an API token is a UUID.'],
  ['/api/admin/tenants/', 'TENANT_NOT_FOUND', 'The id of a tenant has 1 to 40 of a-z, 0-9 and -.'],
  ['/api/webhooks/', 'WEBHOOK_NOT_FOUND', 'The ids of webhooks and deliveries are UUIDs.'],
  ['/api/sessions/', 'SESSION_NOT_FOUND', 'A session id is a UUID.'],
  ['/api/admin/schedules/', 'SCHEDULE_NOT_FOUND', 'GET /api/admin/schedules lists the names.'],
  ['/api/admin/clusters/', 'CLUSTER_NOT_FOUND', 'GET /api/admin/clusters lists the names.'],
  ['/api/orphans/', 'ORPHAN_NOT_FOUND', 'GET /api/orphans lists the UIDs.'],
  ['/api/admin/unaccounted/', 'NAMESPACE_NOT_FOUND', 'The name of a namespace has up to 63 of a-z, 0-9 and -.'],
];

/** Converts the errors of a route's validators to a problem. @throws Problem */
export function refuseBadInput(result: HookResult, c: Context<AppEnv>): void {
  if (result.success) return;
  // No object has such a name or id.
  if (result.target === 'param') {
    const [, code, detail] = NOT_FOUND.find(([prefix]) => c.req.path.startsWith(prefix)) ?? STORE_NOT_FOUND;
    throw new Problem(code, detail);
  }
  const errors = result.error.issues.flatMap((issue) => inputErrors(result.target, issue));
  const isBadKey = errors.some(({ pointer }) => pointer === '/Idempotency-Key');
  if (result.target === 'header' && isBadKey) throw badKey(result, errors);
  throw new Problem('INVALID_REQUEST', `The ${PARTS[result.target]} is not valid. See \`errors\`.`, {
    extensions: { errors },
  });
}

/** Returns the problem for an invalid idempotency key. */
function badKey(result: FailedResult, errors: readonly InputError[]): Problem {
  const missing = result.error.issues.some((issue) => issue.code === 'invalid_type');
  return missing
    ? new Problem('IDEMPOTENCY_KEY_REQUIRED', 'Send the header Idempotency-Key with a key that you choose.', {
        extensions: { errors },
      })
    : new Problem('IDEMPOTENCY_KEY_INVALID', 'The Idempotency-Key must have 1 to 255 printable ASCII characters.', {
        extensions: { errors },
      });
}

/** Returns one error for each field. All unknown fields are one issue, and each of them becomes one error. */
function inputErrors(target: FailedResult['target'], issue: Issue): readonly InputError[] {
  const part = PARTS[target];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: part,
      pointer: pointerTo([...issue.path, key]),
      detail: 'unknown field',
    }));
  }
  return [{ in: part, pointer: pointerTo(issue.path), detail: issue.message }];
}

/** Returns the JSON pointer (RFC 6901) of a path. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
