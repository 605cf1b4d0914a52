import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The categories of Lighthouse that apply to the dashboard. It is private, so search engines do not index it (SEO). */
export type LighthouseCategory = 'performance' | 'accessibility' | 'best-practices';

export interface LighthouseReport {
  /** The score of each category, from 0 to 1. */
  readonly scores: Readonly<Partial<Record<LighthouseCategory, number>>>;
  /** Audits that lower a score, each with its title. */
  readonly findings: readonly string[];
  /** Returns the value of a metric, such as `largest-contentful-paint`. Times are in milliseconds. */
  metric(id: string): number;
}

/** The parts of the report of Lighthouse that are used. */
interface Result {
  readonly runtimeError?: { readonly message: string };
  readonly categories: Readonly<
    Record<
      string,
      { readonly score: number | null; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }
    >
  >;
  readonly audits: Readonly<
    Record<string, { readonly title: string; readonly score: number | null; readonly numericValue?: number }>
  >;
}

const CLI = fileURLToPath(new URL('node_modules/lighthouse/cli/index.js', import.meta.url));
/** Loopback, as on a desktop computer: Lighthouse slows down neither the network nor the processor. */
const CONDITIONS = ['--preset=desktop', '--throttling-method=provided', '--disable-storage-reset'];
const OUTPUT = ['--output=json', '--quiet', '--disable-full-page-screenshot', '--no-enable-error-reporting'];

/** Returns why Lighthouse cannot run, or undefined if it can. */
export function lighthouseProblem(): string | undefined {
  return existsSync(CLI) ? undefined : 'Lighthouse is not installed. Run "npm ci --prefix dashboard/lighthouse"';
}

/**
 * Audits a page with Lighthouse, in a process of its own: Lighthouse is slow in the module system of Jest.
 *
 * @param port Debugging port of a running Chromium.
 * @param cookie The header `Cookie` of a session. Default: no session.
 * @throws Error if Lighthouse is not installed or could not load the page.
 */
export async function auditPage(
  url: string,
  {
    port,
    categories,
    cookie,
  }: { readonly port: number; readonly categories: readonly LighthouseCategory[]; readonly cookie?: string },
): Promise<LighthouseReport> {
  const problem = lighthouseProblem();
  if (problem !== undefined) throw new Error(problem);
  const session = cookie === undefined ? [] : [`--extra-headers=${JSON.stringify({ Cookie: cookie })}`];
  const selected = [`--port=${port}`, `--only-categories=${categories.join(',')}`];
  const { stdout } = await execa(process.execPath, [CLI, url, ...selected, ...CONDITIONS, ...OUTPUT, ...session]);
  const result = JSON.parse(stdout) as Result; // Lighthouse documents this format
  if (result.runtimeError !== undefined) {
    throw new Error(`Lighthouse could not load ${url}: ${result.runtimeError.message}`);
  }
  return {
    scores: Object.fromEntries(Object.entries(result.categories).map(([id, { score }]) => [id, score ?? Number.NaN])),
    findings: findingsOf(result),
    metric: (id) => result.audits[id]?.numericValue ?? Number.NaN,
  };
}

function findingsOf({ categories, audits }: Result): string[] {
  const counted = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0));
  return counted.flatMap(({ id }) => {
    const audit = audits[id];
    const isPassed = audit === undefined || audit.score === null || audit.score === 1;
    return isPassed ? [] : [`${id}: ${audit.title}`];
  });
}
