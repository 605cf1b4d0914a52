import { ACCESS_PROBLEMS } from './access-problems.ts';
import { RESOURCE_PROBLEMS } from './resource-problems.ts';
import { SERVICE_PROBLEMS } from './service-problems.ts';

/**
 * All problems with which the API can reject a request, and their HTTP statuses. This is the only such table. A code
 * that also exists in `domain/failure.ts` has the same meaning there. `GET /problems/<name>` returns the explanation.
 */
const PROBLEMS = { ...ACCESS_PROBLEMS, ...RESOURCE_PROBLEMS, ...SERVICE_PROBLEMS };

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** Returns whether a text is a code of the table. */
export function isProblemCode(value: string): value is ProblemCode {
  return Object.hasOwn(PROBLEMS, value);
}

/** Returns the status, title and explanation of a code. */
export function problemKind(code: ProblemCode) {
  return PROBLEMS[code];
}

/** Returns the stable `type` of a problem: a path of the API that returns its explanation. */
export function problemType(code: ProblemCode): string {
  return `/problems/${code.toLowerCase().replaceAll('_', '-')}`;
}
