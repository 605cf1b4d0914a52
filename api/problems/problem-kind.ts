/** One kind of problem, as the catalogue describes it. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Complete sentences for the caller: cause and repair. */
  readonly explanation: string;
}
