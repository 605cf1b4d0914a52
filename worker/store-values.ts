import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { JsonObject } from '../activities/release/values.ts';
import { ENGINES, type Engine } from '../domain/engines/index.ts';

const StoreValues = z.partialRecord(z.enum(ENGINES), z.record(z.string(), z.json()));

/**
 * Reads the operator's chart values of each engine. Returns an empty object without a path.
 *
 * @throws Error that names the file when it does not exist or has invalid content.
 */
export async function readStoreValues(
  path: string | undefined,
): Promise<Readonly<Partial<Record<Engine, JsonObject>>>> {
  if (path === undefined) return {};
  try {
    return StoreValues.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`the file ${path} of STORE_VALUES_FILE is not valid: ${reason}`, { cause });
  }
}
