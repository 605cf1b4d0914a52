import type { Hook } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { Problem, type InputError } from './problem.ts';

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

/** Turns what the validators of a route found wrong into the problem for it. */
export function refuseBadInput(result: HookResult): void {
  if (result.success) return;
  // An id that no store can have is one that no store has.
  if (result.target === 'param') throw new Problem('STORE_NOT_FOUND', 'No store has such an id.');
  const errors = result.error.issues.flatMap((issue) => inputErrors(result.target, issue));
  if (result.target === 'header') throw badKey(result, errors);
  throw new Problem(
    'INVALID_REQUEST',
    `The ${PARTS[result.target]} has ${errors.length === 1 ? 'an error' : 'errors'}.`,
    {
      extensions: { errors },
    },
  );
}

/** The one header that is validated is the idempotency key. */
function badKey(result: FailedResult, errors: readonly InputError[]): Problem {
  const missing = result.error.issues.some((issue) => issue.code === 'invalid_type');
  return missing
    ? new Problem('IDEMPOTENCY_KEY_REQUIRED', 'Send an Idempotency-Key header with a key of your own choosing.', {
        extensions: { errors },
      })
    : new Problem('IDEMPOTENCY_KEY_INVALID', 'The Idempotency-Key must have 1 to 255 printable ASCII characters.', {
        extensions: { errors },
      });
}

/** One error for each field, the unknown ones included, which are one issue all together. */
function inputErrors(target: FailedResult['target'], issue: Issue): readonly InputError[] {
  const part = PARTS[target];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: part,
      pointer: pointerTo([...issue.path, key]),
      detail: 'is not known here',
    }));
  }
  return [{ in: part, pointer: pointerTo(issue.path), detail: issue.message }];
}

/** RFC 6901. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
