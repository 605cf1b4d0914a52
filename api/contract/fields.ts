import { z } from '@hono/zod-openapi';
import { CLUSTER_NAME_PATTERN } from '../../domain/clusters.ts';
import { ENGINES } from '../../domain/engines/index.ts';
import { STEPS, type Step as StepName } from '../../domain/operations/catalogue.ts';

/** Fields that several resources share. */

export const Instant = z.iso.datetime().openapi({ example: '2026-01-31T12:00:00.000Z' });

/** An id in a path. Ids are compared without case (RFC 9562), and workflow ids contain them in lower case. */
export const IdParam = z.uuid().toLowerCase();

/** A resource or null. `nullable()` would make the component of the resource nullable wherever it is used. */
export function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

export const ClusterName = z
  .string()
  .regex(CLUSTER_NAME_PATTERN, 'must have 1 to 63 of a-z, 0-9 and -, and begin and end with a letter or digit')
  .openapi({ example: 'default' });

const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[\x20-\x7e]{0,63}$/;
const MAX_LABELS = 32;

/** Labels of clusters. */
export const ClusterLabels = z
  .record(
    z
      .string()
      .regex(
        LABEL_KEY,
        'a key must have 1 to 63 of A-Z, a-z, 0-9, _, ., / and -, and begin and end with a letter or digit',
      ),
    z.string().regex(LABEL_VALUE, 'a value must have up to 63 printable ASCII characters'),
  )
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `must have at most ${MAX_LABELS} labels`)
  .openapi({ example: { region: 'eu-central' } });

export const EngineName = z.enum(ENGINES).openapi({ example: 'woocommerce' });

export const Step = z.enum(asTuple<StepName>(STEPS)).openapi('Step');

/** The value of `If-Match`, as RFC 9110 defines it: `*`, or entity tags. */
export const EntityTags = z.union(
  [z.literal('*'), z.string().regex(/^"[!#-~]*"([ \t]*,[ \t]*"[!#-~]*")*$/)],
  'must be * or a list of entity tags in double quotes',
);

/** Days for which the volumes of a deleted store can be kept. */
export const MAX_KEPT_DAYS = 3_650;

export const VolumePolicy = z
  .union([z.enum(['delete', 'keep']), z.strictObject({ keepForDays: z.int().min(1).max(MAX_KEPT_DAYS) })], {
    error: `must be "delete", "keep" or {"keepForDays": a whole number from 1 to ${MAX_KEPT_DAYS}}`,
  })
  .openapi('VolumePolicy', {
    description:
      'Whether the volumes are deleted with the store, are kept, or are deleted a number of days after the store.',
  });

/** A whole number in a query string. */
export function wholeNumber(limits: { readonly min: number; readonly max: number }) {
  const message = `must be a whole number from ${limits.min} to ${limits.max}`;
  return z
    .string(message)
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .refine((value) => value >= limits.min && value <= limits.max, message)
    .openapi({ type: 'integer', minimum: limits.min, maximum: limits.max });
}

/** A list that has members, in the type that `z.enum` takes. */
export function asTuple<T extends string>(values: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = values;
  if (first === undefined) throw new Error('the list is empty');
  return [first, ...rest];
}
