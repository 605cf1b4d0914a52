import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { JsonObject } from '../activities/release/values.ts';
import { ENGINES, type Engine } from '../domain/engines/index.ts';

const StoreValues = z.partialRecord(z.enum(ENGINES), z.record(z.string(), z.json()));

/** Values that the platform sets for each store, with the setting that changes them. */
const PLATFORM_VALUES: readonly (readonly [path: string, setting: string | undefined])[] = [
  ['existingSecret', undefined],
  ['store.id', undefined],
  ['store.name', undefined],
  ['store.host', 'STORE_DOMAIN'],
  ['store.scheme', 'STORE_SCHEME'],
  ['store.port', 'STORE_PORT'],
  ['ingress.tlsSecretName', 'STORE_TLS_SECRET'],
];

/** Settings that the values of the operator can contradict. */
export interface StoreValuesSettings {
  readonly STORE_VALUES_FILE?: string | undefined;
  readonly STORE_TLS_ISSUER?: string | undefined;
  readonly STORE_TLS_SECRET?: string | undefined;
}

/**
 * Reads the operator's chart values of each engine. Returns an empty object without a file.
 *
 * @throws Error that names the file when it does not exist, has invalid content or contradicts a setting.
 */
export async function readStoreValues(
  settings: StoreValuesSettings,
): Promise<Readonly<Partial<Record<Engine, JsonObject>>>> {
  const path = settings.STORE_VALUES_FILE;
  if (path === undefined) return {};
  try {
    const values = StoreValues.parse(JSON.parse(await readFile(path, 'utf8')));
    const problems = Object.entries(values).flatMap(([engine, overlay]) => contradictions(engine, overlay, settings));
    if (problems.length > 0) throw new Error(problems.join('; '));
    return values;
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the file ${path} of STORE_VALUES_FILE is not valid: ${reason}`, { cause });
  }
}

function contradictions(engine: string, overlay: JsonObject, settings: StoreValuesSettings): readonly string[] {
  const owned = PLATFORM_VALUES.filter(([path]) => valueAt(overlay, path) !== undefined).map(([path, setting]) => {
    const fix = setting === undefined ? '' : `, and use the setting ${setting}`;
    return `the platform sets ${engine}.${path} for each store: remove it${fix}`;
  });
  const certificate = (['STORE_TLS_ISSUER', 'STORE_TLS_SECRET'] as const).find((name) => settings[name] !== undefined);
  if (certificate === undefined || valueAt(overlay, 'ingress.enabled') !== false) return owned;
  const reason = `${engine}.ingress.enabled is false, so ${certificate} has no effect`;
  return [...owned, `${reason}: unset it, and give the certificate to the listener of the gateway`];
}

function valueAt(values: JsonObject, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), values);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
