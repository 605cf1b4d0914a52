import { expect, test } from '@jest/globals';
import { parseKeptUntil, type KeptUntil } from './kept-volumes.ts';

test.each<[string | undefined, KeptUntil['kind']]>([
  ['2026-12-31T23:59:59.999Z', 'instant'],
  ['2026-12-31T23:59:59Z', 'instant'],
  ['forever', 'forever'],
  [undefined, 'missing'],
  ['', 'invalid'],
  ['Forever', 'invalid'],
  ['0', 'invalid'],
  ['2026-12-31', 'invalid'],
  ['2026-02-30T00:00:00Z', 'invalid'],
  ['2026-13-01T00:00:00Z', 'invalid'],
  ['2026-12-31T24:00:00Z', 'invalid'],
  ['2026-12-31T23:59:59+02:00', 'invalid'],
  ['31.12.2026', 'invalid'],
])('the mark %j of a kept volume is of kind %s', (mark, kind) => {
  expect(parseKeptUntil(mark).kind).toBe(kind);
});

test('an instant is read exactly', () => {
  const at = '2026-12-31T23:59:59.123Z';
  expect(parseKeptUntil(at)).toEqual({ kind: 'instant', at: new Date(at) });
});
