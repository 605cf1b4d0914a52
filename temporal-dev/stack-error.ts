/**
 * An error that the user can fix. Its message says what happened, to which object, and what to do. It is printed
 * without a stack trace.
 */
export class StackError extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StackError';
  }
}

/** Returns the `code` of a system error, such as `EACCES`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
