import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { type JsonObject, mergedValues, releaseValues } from '../activities/release/values.ts';
import { StoreName } from '../api/contract/store.ts';
import type { OverridableFields, OverrideFormat } from '../domain/engines/override-fields.ts';
import { ENGINES, type Engine, engineSpec } from '../domain/engines/index.ts';
import { NAME_PATTERN } from '../domain/store/name.ts';
import { mergeOverrides, OVERRIDE_FORMATS, type Overrides } from '../domain/store/overrides.ts';
import { changesOf } from '../test/factories/override-changes.ts';
import { clusterInput } from '../test/harness/platform/cluster-activities.ts';

/** Tests that a chart accepts what the API accepts: Helm rejects a value of an accepted request only much later. */

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function chartFile(engine: Engine, name: string): string {
  return readFileSync(join(import.meta.dirname, engineSpec(engine).chart, name), 'utf8');
}

function schemaOf(engine: Engine): Schema {
  return JSON.parse(chartFile(engine, 'values.schema.json'));
}

/** Returns the subschema of a value, which may be below a `$ref`. */
function at(root: Schema, path: readonly string[]): Schema {
  let schema = root;
  for (const key of path) {
    const next = schema.properties?.[key];
    if (next === undefined) throw new Error(`the schema has no value ${path.join('.')}`);
    schema = next.$ref === undefined ? next : (root.$defs?.[next.$ref.replace('#/$defs/', '')] ?? next);
  }
  return schema;
}

function validatorOf(engine: Engine, path: readonly string[]): (value: unknown) => boolean {
  const validate = new Ajv2020({ strict: false }).compile({ ...at(schemaOf(engine), path) });
  return (value) => validate(value);
}

function formatsOf(
  fields: OverridableFields,
  path: readonly string[] = [],
): readonly (readonly [string[], OverrideFormat])[] {
  return Object.entries(fields).flatMap(([key, field]) =>
    typeof field === 'string' ? [[[...path, key], field] as const] : formatsOf(field, [...path, key]),
  );
}

/** Characters at the borders of the classes that a name may and may not contain. */
const SPECIAL = fc.constantFrom(
  ' ',
  '\t',
  '\n',
  '\u00a0',
  '\u3000',
  '\u2028',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',
  '\u202e',
  '\ufeff',
  '\ufffe',
  '\u0301',
  '\ufe0f',
  '👩',
  '🏴',
  '\u{e0067}',
  '\u{e007f}',
  'é',
  'ø',
  'م',
  'क',
  '\u094d',
  '語',
  '\ue000',
  '\ud800',
  '\u0378',
);
const NAMES = fc.oneof(
  fc.array(SPECIAL, { maxLength: 12 }).map((characters) => characters.join('')),
  fc.string({ unit: fc.oneof(SPECIAL, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })), maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
);

describe.each(ENGINES)('the schema of the chart of %s', (engine) => {
  test('has the pattern of store names of the API', () => {
    expect(at(schemaOf(engine), ['store', 'name']).pattern).toBe(NAME_PATTERN);
  });

  test('accepts exactly the store names that the API accepts', () => {
    const accepts = validatorOf(engine, ['store', 'name']);
    fc.assert(
      fc.property(NAMES, (text) => {
        const name = StoreName.safeParse(text);
        // The API stores the name in this form.
        expect(accepts(name.success ? name.data : text.trim().normalize('NFC'))).toBe(name.success);
      }),
      { numRuns: 3_000 },
    );
  });

  test('accepts every value of an override that the API accepts', () => {
    for (const [path, format] of formatsOf(engineSpec(engine).overridableFields)) {
      const accepts = validatorOf(engine, path);
      const values = fc.stringMatching(OVERRIDE_FORMATS[format].pattern);
      fc.assert(
        fc.property(values, (value) => {
          expect([path, value, accepts(value)]).toEqual([path, value, true]);
        }),
        { numRuns: 50 },
      );
    }
  });

  test('accepts the overrides of a store after any changes that the API accepts, and never gets a null', () => {
    const accepts = validatorOf(engine, []);
    const defaults = parse(chartFile(engine, 'values.yaml')) as JsonObject;
    const { store } = clusterInput();
    fc.assert(
      fc.property(fc.array(changesOf(engineSpec(engine).overridableFields), { maxLength: 4 }), (changes) => {
        const overrides = changes.reduce<Overrides | null>(mergeOverrides, null);
        expect(JSON.stringify(overrides ?? {})).not.toMatch(/:null[,}]/);
        const target = { ...store, engine, ...(overrides === null ? {} : { overrides }) };
        const values = mergedValues(defaults, releaseValues(target, { scheme: 'http', port: 80 }));
        expect([overrides, accepts(values)]).toEqual([overrides, true]);
      }),
    );
  });

  test.each([
    ['cpu', ['db', 'resources', 'limits', 'cpu']],
    ['bytes', ['db', 'resources', 'limits', 'memory']],
  ] as const)('accepts the same amounts of %s as the API at %j', (format, path) => {
    const accepts = validatorOf(engine, path);
    const accepted = [...QUANTITIES, ''].filter((value) => OVERRIDE_FORMATS[format].pattern.test(value));
    expect(accepted).toEqual([...QUANTITIES, ''].filter(accepts));
    expect(accepted.length).toBeGreaterThan(1);
  });
});

test.each(ENGINES)('the chart of %s accepts every size that a claim in the cluster can have', (engine) => {
  // An operator may have enlarged the volume, and the cluster stores its canonical form.
  const sizes = ['1', '10737418240', '1Ki', '10240Mi', '10Gi', '1Ti', '3Pi', '12k', '1500M', '10G', '2T', '12e6'];
  for (const path of Object.values(engineSpec(engine).volumeSizes)) {
    const accepts = validatorOf(engine, path.split('.'));
    expect([path, sizes.filter((size) => !accepts(size))]).toEqual([path, []]);
    expect([path, ['0', '', '-1Gi', '1.5Gi', '10 Gi', '1m'].filter(accepts)]).toEqual([path, []]);
  }
});

const QUANTITIES = ['0', '1', '01', '100', '999999999', '1000000000', '0.5', '1.5', '-1', '1e3', ' 1', '1\n'].flatMap(
  (amount) => ['', 'm', 'k', 'K', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'mi'].map((unit) => `${amount}${unit}`),
);
