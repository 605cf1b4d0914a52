import type { ProblemExtensions } from '../contract/problem.ts';
import type { ProblemCode } from './catalogue.ts';

/** An error for the caller. The response contains `detail` and the extensions unchanged. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly extensions: ProblemExtensions;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly cause?: unknown;
      readonly extensions?: ProblemExtensions;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.extensions = options.extensions ?? {};
    this.headers = options.headers ?? {};
  }
}
