/** A SQLSTATE has five characters, at least one of them a digit. Codes of sockets, such as `EPIPE`, have no digit. */
const SQL_STATE = /^(?=\D*\d)[\dA-Z]{5}$/;

/**
 * Returns what Postgres said in an error or in one of its causes, for the operator. Returns undefined when Postgres gave no
 * answer.
 */
export function postgresAnswerOf(error: unknown): string | undefined {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (typeof cause.code === 'string' && SQL_STATE.test(cause.code))
      return `Postgres answers: ${cause.answer ?? cause.message}`;
  }
  return undefined;
}

/** Checks the shape, because in a `vm` context, errors of sockets are instances of the `Error` of another realm. */
function isErrorLike(value: unknown): value is { message: string; code?: unknown; cause?: unknown; answer?: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
