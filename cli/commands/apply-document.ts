import type { operations } from '../../client/schema.d.ts';
import { UsageError } from '../exit-codes.ts';

export type DesiredStore = operations['createStore']['requestBody']['content']['application/json'];

/** The stores that should exist. */
export interface StoreDocument {
  /** `metadata.name`. Documents with different names create different stores. */
  readonly name: string;
  readonly stores: readonly DesiredStore[];
}

const FIELDS = ['name', 'engine', 'onFailure', 'volumePolicy'];

/** Reads a document. The API checks the values of the stores. @throws UsageError that names the wrong field */
export async function parseDocument(text: string, file: string): Promise<StoreDocument> {
  const { parse } = await import('yaml');
  let root: unknown;
  try {
    root = parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not valid YAML: ${(error as Error).message}`, { cause: error });
  }
  const document = objectOf(root, file, '', ['metadata', 'stores']);
  const metadata = objectOf(document['metadata'], file, 'metadata', ['name']);
  const name = textOf(metadata['name'], file, 'metadata.name');
  const { stores } = document;
  if (!Array.isArray(stores)) throw wrong(file, 'stores', 'must be a list');
  const desired = stores.map((store: unknown, index) => storeOf(store, file, `stores[${index}]`));
  const names = desired.map((store) => store.name);
  const repeated = names.find((entry, index) => names.indexOf(entry) !== index);
  if (repeated !== undefined) throw wrong(file, 'stores', `has the name "${repeated}" twice`);
  return { name, stores: desired };
}

function storeOf(value: unknown, file: string, path: string): DesiredStore {
  const store = objectOf(value, file, path, FIELDS);
  const name = textOf(store['name'], file, `${path}.name`);
  const engine = textOf(store['engine'], file, `${path}.engine`);
  // The API checks the values and names the wrong one.
  return { ...store, name, engine } as DesiredStore;
}

function objectOf(value: unknown, file: string, path: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(file, path, 'must be an object');
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(file, path, `has the unknown field "${unknown}"`);
  return { ...value };
}

function textOf(value: unknown, file: string, path: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(file, path, 'must be a text');
  return value.trim();
}

function wrong(file: string, path: string, problem: string): UsageError {
  return new UsageError(`${file}: ${path === '' ? 'the document' : path} ${problem}.`);
}
