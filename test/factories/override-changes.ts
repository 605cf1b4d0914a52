import * as fc from 'fast-check';
import type { OverridableFields } from '../../domain/engines/override-fields.ts';
import { OVERRIDE_FORMATS, type OverrideChange } from '../../domain/store/overrides.ts';

/** Draws changes of overrides: each sets and unsets any fields and objects of fields, and leaves the others out. */
export function changesOf(fields: OverridableFields): fc.Arbitrary<OverrideChange> {
  const parts = Object.entries(fields).map(([key, field]) => {
    const values: fc.Arbitrary<string | OverrideChange> =
      typeof field === 'string' ? fc.stringMatching(OVERRIDE_FORMATS[field].pattern) : changesOf(field);
    const entries = fc.option(values, { freq: 4 }).map((value) => [key, value] as const);
    return fc.option(entries, { freq: 2, nil: undefined });
  });
  return fc.tuple(...parts).map((entries) => Object.fromEntries(entries.filter((entry) => entry !== undefined)));
}
