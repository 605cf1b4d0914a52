import { ApiError } from '@store-platform/client';

/** The parts of an error: one text for each field of a form, and the error itself if it concerns more. */
export interface FormErrors {
  /** By the first part of the JSON pointer, such as `name`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Undefined: the fields say it all. */
  readonly rest: unknown;
}

/** Divides an error among the fields of a form. Errors of unknown fields stay in `rest`. */
export function formErrorsOf(error: unknown, known: readonly string[]): FormErrors {
  if (error === null || error === undefined) return { fields: {}, rest: undefined };
  const errors = error instanceof ApiError ? error.problem?.errors : undefined;
  if (errors === undefined) return { fields: {}, rest: error };
  const fields: Record<string, string> = {};
  let isComplete = errors.length > 0;
  for (const { pointer, detail } of errors) {
    const [, field = ''] = pointer.split('/');
    if (known.includes(field)) fields[field] ??= detail;
    else isComplete = false;
  }
  return { fields, rest: isComplete ? undefined : error };
}
