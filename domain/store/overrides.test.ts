import { describe, expect, test } from '@jest/globals';
import { ENGINES } from '../engines/index.ts';
import { mergeOverrides, parseOverrides } from './overrides.ts';

describe('a change of a overrides', () => {
  test.each(ENGINES)('of a %s store may set images, resources and storage', (engine) => {
    const overrides = {
      image: { repository: 'registry.example:5000/team/shop', tag: '1.2.3_rc', digest: '' },
      setup: { resources: { limits: { cpu: '1.5', memory: '512Mi' } } },
      db: { storage: { size: '20Gi', storageClassName: 'fast.ssd' }, resources: { requests: { cpu: '250m' } } },
    };
    expect(parseOverrides(engine, overrides)).toEqual({ kind: 'valid', overrides });
  });

  test.each([
    ['a Secret', { existingSecret: 'mine' }, '/existingSecret'],
    ['the host', { store: { host: 'evil.example' } }, '/store'],
    ['a field deep down', { db: { image: { pullPolicy: 'Always' } } }, '/db/image/pullPolicy'],
    ['what objects inherit', { image: { constructor: 'x' } }, '/image/constructor'],
    ['a number for a string', { image: { tag: 1 } }, '/image/tag'],
    ['an image with its tag in the wrong place', { image: { repository: 'shop latest' } }, '/image/repository'],
    ['a quantity that is none', { db: { storage: { size: 'plenty' } } }, '/db/storage/size'],
    ['a digest that is none', { image: { digest: 'sha256:abc' } }, '/image/digest'],
    ['a value where fields belong', { image: 'shop:1' }, '/image'],
    ['a list', { image: [] }, '/image'],
    ['nothing', { image: null }, '/image'],
  ])('with %s is refused at its place', (_, overrides, pointer) => {
    expect(parseOverrides('woocommerce', overrides)).toEqual({
      kind: 'invalid',
      problems: [{ pointer, detail: expect.stringMatching(/^(must|is not)/) }],
    });
  });

  test.each([['text'], [null], [[]], [3], [undefined]])('that is %j is refused as a whole', (overrides) => {
    expect(parseOverrides('medusa', overrides)).toMatchObject({ kind: 'invalid', problems: [{ pointer: '' }] });
  });

  test('names every field that is wrong', () => {
    const reading = parseOverrides('woocommerce', { a: '1', image: { tag: '', b: '2' } });
    expect(reading.kind === 'invalid' && reading.problems.map(({ pointer }) => pointer)).toEqual([
      '/a',
      '/image/tag',
      '/image/b',
    ]);
  });

  test('goes on top of what was changed before, field by field', () => {
    const before = { image: { repository: 'a', tag: '1' }, uploads: { size: '5Gi' } };
    expect(mergeOverrides(before, { image: { tag: '2' } })).toEqual({
      image: { repository: 'a', tag: '2' },
      uploads: { size: '5Gi' },
    });
    expect(before.image.tag).toBe('1');
  });
});
