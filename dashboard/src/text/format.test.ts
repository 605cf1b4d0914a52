import { describe, expect, test } from '@jest/globals';
import { formatDuration, formatInstant, formatRelative } from './format.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

describe('a relative time', () => {
  test.each([
    [0, 'now', 'jetzt'],
    [5_000, '5 seconds ago', 'vor 5 Sekunden'],
    [90_000, '1 minute ago', 'vor 1 Minute'],
    [25 * 60 * MINUTE, 'yesterday', 'gestern'],
    [-10 * MINUTE, 'in 10 minutes', 'in 10 Minuten'],
  ])('%i ms later: %s, %s', (ageMs, english, german) => {
    expect(formatRelative(AT, AT + ageMs, 'en')).toBe(english);
    expect(formatRelative(AT, AT + ageMs, 'de')).toBe(german);
  });
});

describe('a duration', () => {
  test.each([
    [-5, '0 ms', '0 ms'],
    [420, '420 ms', '420 ms'],
    [1_250, '1.2 s', '1,2 s'],
    [42_900, '42 s', '42 s'],
    [72_000, '1 min 12 s', '1 min 12 s'],
    [3_780_000, '1 h 3 min', '1 Std. 3 min'],
    [183_600_000, '2 d 3 h', '2 Tg. 3 Std.'],
  ])('%i ms: %s, %s', (ms, english, german) => {
    expect(formatDuration(ms, 'en')).toBe(english);
    expect(formatDuration(ms, 'de')).toBe(german);
  });
});

test('an instant names its zone', () => {
  expect(formatInstant(AT, 'en', 'UTC')).toContain('UTC');
  expect(formatInstant(AT, 'de', 'UTC')).toMatch(/1\. März 2026.*12:00:00 UTC/);
});
