import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { STATUSES, STEPS } from './catalogue.ts';
import { MAX_EVENT_PAGE, MAX_KEPT_DAYS, MAX_NAME_LENGTH, MAX_PAGE, MAX_UNDELETE_WINDOW_SECONDS } from './limits.ts';
import { SORTS } from './filters.ts';

interface Schema {
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly name: string;
  readonly schema: Schema;
}

interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>>;
}

const document = JSON.parse(
  readFileSync(new URL('../../../../../api/openapi.json', import.meta.url), 'utf8'),
) as Document;

function parameter(path: string, method: string, name: string): Schema {
  const found = document.paths[path]?.[method]?.parameters.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${method} ${path} has no parameter ${name}`);
  return found.schema;
}

test('has the limits of the OpenAPI document', () => {
  const { CreateStore, VolumePolicy } = document.components.schemas;
  expect(CreateStore?.properties?.['name']?.maxLength).toBe(MAX_NAME_LENGTH);
  expect(VolumePolicy?.anyOf?.[1]?.properties?.['keepForDays']?.maximum).toBe(MAX_KEPT_DAYS);
  expect(parameter('/api/stores/{id}', 'delete', 'undeleteWindowSeconds').maximum).toBe(MAX_UNDELETE_WINDOW_SECONDS);
  expect(parameter('/api/stores', 'get', 'limit').maximum).toBe(MAX_PAGE);
  expect(parameter('/api/stores/{id}/events', 'get', 'limit').maximum).toBe(MAX_EVENT_PAGE);
});

test('has the steps, statuses and orders of the OpenAPI document', () => {
  expect([...STEPS.provision, ...STEPS.delete]).toEqual(document.components.schemas['Step']?.enum);
  expect(parameter('/api/stores', 'get', 'status').items?.enum).toEqual(STATUSES);
  expect(parameter('/api/stores', 'get', 'sort').enum).toEqual(SORTS);
});
