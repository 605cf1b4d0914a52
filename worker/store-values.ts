import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { JsonObject } from '../activities/release/values.ts';
import { ENGINES, type Engine } from '../domain/engines/index.ts';

const StoreValues = z.partialRecord(z.enum(ENGINES), z.record(z.string(), z.json()));

/**
 * The operator's chart values, per engine. None without a file.
 *
 * @throws Error that names the file when it is missing or no such JSON.
 */
export async function readStoreValues(
  path: string | undefined,
): Promise<Readonly<Partial<Record<Engine, JsonObject>>>> {
  if (path === undefined) return {};
  try {
    return StoreValues.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`STORE_VALUES_FILE=${path} can't be used: ${reason}`, { cause });
  }
}
