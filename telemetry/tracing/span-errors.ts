/** Errors whose message the platform writes for the callers of its API. */
const PUBLIC_ERRORS: readonly string[] = ['StoreError', 'ApplicationFailure'];
/** Errors of work that was stopped on purpose. */
const CANCELLATIONS: readonly string[] = ['CancelledFailure', 'AbortError'];
const CODE = /^[A-Z][A-Z0-9_]*$/;

export function isCancellation(error: unknown): boolean {
  return error instanceof Error && CANCELLATIONS.includes(error.name);
}

/** Returns the failure code of an error, or its name. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { code, type } = error as Error & { readonly code?: unknown; readonly type?: unknown };
  return [code, type].find((value): value is string => typeof value === 'string' && CODE.test(value)) ?? error.name;
}

/** Returns the message of an error with a failure code. Undefined: the message of the error may hold a secret. */
export function publicMessageOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !PUBLIC_ERRORS.includes(error.name)) return undefined;
  return CODE.test(errorType(error)) ? error.message : undefined;
}
