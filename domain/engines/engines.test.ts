import { describe, expect, test } from '@jest/globals';
import { ENGINES, engineSpec } from './index.ts';

describe.each(ENGINES)('the specification of %s', (engine) => {
  const spec = engineSpec(engine);
  const keys = spec.secretKeys.map(({ key }) => key);

  test('names each key of the Secret once', () => {
    expect(keys).toEqual([...new Set(keys)]);
  });

  test('takes the admin credentials from keys of the Secret', () => {
    expect(keys).toContain(spec.adminCredentials.userKey);
    expect(keys).toContain(spec.adminCredentials.passwordKey);
  });

  test('has an absolute path for the admin pages', () => {
    expect(spec.adminPath).toMatch(/^\/.*\/$/);
  });
});
