import { describe, expect, test } from '@jest/globals';
import type { OverridableFields, OverrideFormat } from '../engines/override-fields.ts';
import { ENGINES, engineSpec } from '../engines/index.ts';
import { mergeOverrides, type Overrides, parseOverrides } from './overrides.ts';

/** A valid value of each format. */
const SAMPLES: Readonly<Record<OverrideFormat, string>> = {
  repository: 'registry.example:5000/team/shop',
  tag: '1.2.3_rc',
  digest: `sha256:${'a'.repeat(64)}`,
  cpu: '250m',
  bytes: '2Gi',
  storageClass: 'fast.ssd',
};

function sampleOf(fields: OverridableFields): Overrides {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, typeof field === 'string' ? SAMPLES[field] : sampleOf(field)]),
  );
}

describe('overrides', () => {
  test.each(ENGINES)('of a %s store may set every overridable field of the engine', (engine) => {
    const overrides = sampleOf(engineSpec(engine).overridableFields);
    expect(parseOverrides(engine, overrides)).toEqual({ kind: 'valid', overrides });
  });

  test('may set images, resources and storage', () => {
    const overrides = {
      image: { repository: 'registry.example:5000/team/shop', tag: '1.2.3_rc', digest: '' },
      setup: { resources: { limits: { cpu: '1', memory: '512Mi' } } },
      db: { storage: { size: '20Gi', storageClassName: 'fast.ssd' }, resources: { requests: { cpu: '250m' } } },
    };
    expect(parseOverrides('woocommerce', overrides)).toEqual({ kind: 'valid', overrides });
    expect(parseOverrides('medusa', overrides)).toEqual({ kind: 'valid', overrides });
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
    ['null instead of an object', { image: null }, '/image'],
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

  test('are merged field by field into the earlier overrides', () => {
    const earlier = { image: { repository: 'a', tag: '1' }, uploads: { size: '5Gi' } };
    expect(mergeOverrides(earlier, { image: { tag: '2' } })).toEqual({
      image: { repository: 'a', tag: '2' },
      uploads: { size: '5Gi' },
    });
    expect(earlier.image.tag).toBe('1');
  });
});
