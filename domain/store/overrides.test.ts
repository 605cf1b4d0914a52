import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { OverridableFields, OverrideFormat } from '../engines/override-fields.ts';
import { ENGINES, engineSpec } from '../engines/index.ts';
import { changesOf } from '../../test/factories/override-changes.ts';
import { mergeOverrides, type OverrideChange, type Overrides, parseOverrides } from './overrides.ts';

/** A valid value of each format. */
const SAMPLES: Readonly<Record<OverrideFormat, string>> = {
  repository: 'registry.example:5000/team/shop',
  tag: '1.2.3_rc',
  digest: `sha256:${'a'.repeat(64)}`,
  cpu: '250m',
  bytes: '2Gi',
  storageClass: 'fast.ssd',
};

const UPLOADS: Overrides = { uploads: { size: '5Gi' } };

function unsetOf(fields: OverridableFields): OverrideChange {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, typeof field === 'string' ? null : unsetOf(field)]),
  );
}

function sampleOf(fields: OverridableFields): Overrides {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, typeof field === 'string' ? SAMPLES[field] : sampleOf(field)]),
  );
}

describe('overrides', () => {
  test.each(ENGINES)('of a %s store may set every overridable field of the engine', (engine) => {
    const overrides = sampleOf(engineSpec(engine).overridableFields);
    expect(parseOverrides(engine, overrides)).toEqual({ kind: 'valid', change: overrides });
  });

  test('may set images, resources and storage', () => {
    const overrides = {
      image: { repository: 'registry.example:5000/team/shop', tag: '1.2.3_rc', digest: '' },
      setup: { resources: { limits: { cpu: '1', memory: '512Mi' } } },
      db: { storage: { size: '20Gi', storageClassName: 'fast.ssd' }, resources: { requests: { cpu: '250m' } } },
    };
    expect(parseOverrides('woocommerce', overrides)).toEqual({ kind: 'valid', change: overrides });
    expect(parseOverrides('medusa', overrides)).toEqual({ kind: 'valid', change: overrides });
  });

  test.each([
    ['a Secret', { existingSecret: 'mine' }, '/existingSecret'],
    ['the host', { store: { host: 'evil.example' } }, '/store'],
    ['a nested field that is not overridable', { db: { image: { pullPolicy: 'Always' } } }, '/db/image/pullPolicy'],
    ['a property that every object inherits', { image: { constructor: 'x' } }, '/image/constructor'],
    ['a number instead of a string', { image: { tag: 1 } }, '/image/tag'],
    ['an invalid image name', { image: { repository: 'shop latest' } }, '/image/repository'],
    ['an invalid quantity', { db: { storage: { size: 'plenty' } } }, '/db/storage/size'],
    ['a fraction of a CPU', { db: { resources: { limits: { cpu: '0.5' } } } }, '/db/resources/limits/cpu'],
    ['a decimal unit of bytes', { db: { storage: { size: '1G' } } }, '/db/storage/size'],
    ['an amount of bytes as CPU', { db: { resources: { limits: { cpu: '1Gi' } } } }, '/db/resources/limits/cpu'],
    ['an invalid digest', { image: { digest: 'sha256:abc' } }, '/image/digest'],
    ['a string instead of an object', { image: 'shop:1' }, '/image'],
    ['an array instead of an object', { image: [] }, '/image'],
    ['null for a field that is not overridable', { replicas: null }, '/replicas'],
  ])('are rejected with the pointer of the field: %s', (_, overrides, pointer) => {
    expect(parseOverrides('woocommerce', overrides)).toEqual({
      kind: 'invalid',
      problems: [{ pointer, detail: expect.stringMatching(/^(must|is not)/) }],
    });
  });

  test.each([['text'], [null], [[]], [3], [undefined]])('that are not an object are rejected: %j', (overrides) => {
    expect(parseOverrides('medusa', overrides)).toMatchObject({ kind: 'invalid', problems: [{ pointer: '' }] });
  });

  test('are rejected with one problem for each invalid field', () => {
    const parsed = parseOverrides('woocommerce', { a: '1', image: { tag: '', b: '2' } });
    expect(parsed.kind === 'invalid' && parsed.problems.map(({ pointer }) => pointer)).toEqual([
      '/a',
      '/image/tag',
      '/image/b',
    ]);
  });

  test.each(ENGINES)('of a %s store may unset every overridable field and every object of fields', (engine) => {
    const fields = engineSpec(engine).overridableFields;
    const change = unsetOf(fields);
    expect(parseOverrides(engine, change)).toEqual({ kind: 'valid', change });
    expect(mergeOverrides(sampleOf(fields), change)).toBeNull();
    const objects = Object.fromEntries(Object.keys(fields).map((key) => [key, null]));
    expect(parseOverrides(engine, objects)).toEqual({ kind: 'valid', change: objects });
    expect(mergeOverrides(sampleOf(fields), objects)).toBeNull();
  });

  test('are merged field by field into the earlier overrides', () => {
    const earlier = { image: { repository: 'a', tag: '1' }, uploads: { size: '5Gi' } };
    expect(mergeOverrides(earlier, { image: { tag: '2' } })).toEqual({
      image: { repository: 'a', tag: '2' },
      uploads: { size: '5Gi' },
    });
    expect(earlier.image.tag).toBe('1');
  });

  test.each<[string, Overrides | null, OverrideChange, Overrides | null]>([
    ['one field', { image: { repository: 'a', tag: '1' } }, { image: { tag: null } }, { image: { repository: 'a' } }],
    [
      'the last field of an object',
      { image: { tag: '1' }, uploads: { size: '5Gi' } },
      { image: { tag: null } },
      UPLOADS,
    ],
    ['an object', { image: { repository: 'a', tag: '1' }, ...UPLOADS }, { image: null }, UPLOADS],
    ['what is not set', UPLOADS, { image: { tag: null }, db: null }, UPLOADS],
    ['and set in one change', UPLOADS, { uploads: null, image: { tag: '2', digest: null } }, { image: { tag: '2' } }],
    ['the last override', UPLOADS, { uploads: { size: null } }, null],
    ['a field of no overrides', null, { uploads: { size: null } }, null],
  ])('unset %s', (_, earlier, change, merged) => {
    expect(mergeOverrides(earlier, change)).toEqual(merged);
  });

  test('are changed as a JSON merge patch changes a document, without empty objects', () => {
    const fields = engineSpec('medusa').overridableFields;
    fc.assert(
      fc.property(fc.array(changesOf(fields), { maxLength: 5 }), (changes) => {
        let overrides: Overrides | null = null;
        let patched: unknown = {};
        for (const change of changes) {
          expect(parseOverrides('medusa', change)).toEqual({ kind: 'valid', change });
          overrides = mergeOverrides(overrides, change);
          patched = mergePatch(patched, change);
        }
        expect(overrides ?? {}).toEqual(withoutEmptyObjects(patched));
      }),
    );
  });
});

/** The algorithm of RFC 7396, section 2. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

function withoutEmptyObjects(value: unknown): unknown {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).map(([name, part]) => [name, withoutEmptyObjects(part)] as const);
  return Object.fromEntries(kept.filter(([, part]) => !isObject(part) || Object.keys(part).length > 0));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
