import { z } from '@hono/zod-openapi';
import { PROBLEM_CODES, type ProblemCode } from '../problems/catalogue.ts';
import { asTuple, orNull } from './fields.ts';
import { Checks } from './health.ts';
import { Operation } from './operation.ts';
import { Actions } from './store.ts';

export const InputError = z.strictObject({
  in: z.enum(['body', 'query', 'header', 'path']),
  pointer: z.string().openapi({ description: 'JSON pointer into the part of the request that `in` names.' }),
  detail: z.string(),
});
export type InputError = z.output<typeof InputError>;

/** Optional members of a problem, besides its code and detail. */
const Extensions = z.strictObject({
  errors: z.array(InputError).readonly().optional(),
  operation: orNull(Operation).optional(),
  allowedActions: Actions.optional(),
  limit: z.int().optional(),
  live: z.int().optional(),
  used: z.int().optional(),
  clusters: z.array(z.string()).readonly().optional(),
  reason: z.enum(['unmatched', 'full', 'cordoned', 'draining']).optional(),
  checks: Checks.optional(),
});
export type ProblemExtensions = z.output<typeof Extensions>;

export const ProblemDetails = z
  .strictObject({
    type: z.string().openapi({ example: '/problems/invalid-request' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(asTuple<ProblemCode>(PROBLEM_CODES)),
    instance: z.string(),
    correlationId: z.string(),
    ...Extensions.shape,
  })
  .openapi('Problem');
