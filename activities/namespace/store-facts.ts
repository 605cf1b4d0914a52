import type { KubernetesObject } from '@kubernetes/client-node';
import { z } from 'zod';
import { ANNOTATIONS } from '../../domain/names.ts';
import { FAILURE_POLICIES } from '../../domain/store/status.ts';
import type { Overrides } from '../../domain/store/overrides.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/**
 * The facts about a store that its namespace carries as an annotation, so that its record can be created again when the
 * database has lost it. They hold no secret. Labels do not suffice: a name and a tenant id can have any character.
 */
export type StoreFacts = Pick<StoreTarget, 'tenantId' | 'name' | 'host' | 'onFailure' | 'overrides' | 'volumePolicy'>;

const OverridesSchema: z.ZodType<Overrides> = z.lazy(() =>
  z.record(z.string(), z.union([z.string(), OverridesSchema])),
);

const Facts = z.object({
  tenantId: z.string().min(1),
  name: z.string().min(1),
  host: z.string().min(1),
  onFailure: z.enum(FAILURE_POLICIES).exactOptional(),
  overrides: OverridesSchema.exactOptional(),
  volumePolicy: z.union([z.enum(['delete', 'keep']), z.object({ keepForDays: z.int().min(1) })]).exactOptional(),
});

/** Returns the annotation of a namespace with the facts about its store. The same facts give the same text. */
export function factsAnnotation(store: StoreFacts): Readonly<Record<string, string>> {
  const { tenantId, name, host, onFailure, overrides, volumePolicy } = store;
  const facts = { tenantId, name, host, onFailure, overrides, volumePolicy };
  return { [ANNOTATIONS.storeFacts]: sortedJson(facts) };
}

/** Returns the facts about the store of a namespace. Undefined: it has none, or they are invalid. */
export function storeFactsIn({ metadata }: KubernetesObject): StoreFacts | undefined {
  const { success, data } = Facts.safeParse(parsed(metadata?.annotations?.[ANNOTATIONS.storeFacts]));
  return success ? data : undefined;
}

/** Parses JSON. Returns undefined for a text that is missing or is no JSON. */
export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns JSON with sorted keys: Postgres returns the keys of a document in an order of its own. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, sortedKeys);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
