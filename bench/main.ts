import { ENGINES } from '../domain/engines/index.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { cliList } from './cases/cli.ts';
import { getAgainstSelect, pageOfManyStores, postAgainstInsertAndStart } from './cases/contract.ts';
import { eventVisible } from './cases/event-visible.ts';
import { dashboard } from './cases/dashboard.ts';
import { fairness } from './cases/fairness.ts';
import { equalPosts, postAgainstStart } from './cases/post.ts';
import { killedWorker } from './cases/killed-worker.ts';
import { metricsOnAgainstOff } from './cases/metrics.ts';
import { manyAtOnce, timeToReady } from './cases/provision.ts';
import { endWithUsage, readOptions } from './command-line.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';
import { machine, markdownTable, type CaseReport, type Finding } from './report.ts';

interface Case {
  readonly name: string;
  readonly run: (quick: boolean, report: (message: string) => void) => Promise<CaseReport>;
}

const PAGE = 'docs/benchmarks.md';

/** Runs a case on its own platform, so that the stores of one case can't slow down the next. */
function onPlatform(
  name: string,
  { worker = false, authenticated = false }: { readonly worker?: boolean; readonly authenticated?: boolean },
  measure: (platform: BenchPlatform, quick: boolean) => Promise<Finding | CaseReport>,
): Case {
  async function run(quick: boolean, report: (message: string) => void): Promise<CaseReport> {
    const platform = await startBenchPlatform(report, { authenticated });
    try {
      if (worker) await platform.startWorker();
      const measured = await measure(platform, quick);
      return 'findings' in measured ? measured : { findings: [measured] };
    } finally {
      await platform.stop();
    }
  }
  return { name, run };
}

/** Requests have a token. Limits, audit log and row-level security are on, as in production. */
const AUTHENTICATED = { authenticated: true };

/** All cases, in the order in which they run. */
const CASES: readonly Case[] = [
  onPlatform('post', {}, (platform, quick) => postAgainstStart(platform, quick ? 150 : 300)),
  onPlatform('metrics', {}, (platform, quick) => metricsOnAgainstOff(platform, quick ? 150 : 300)),
  onPlatform('equal-posts', {}, (platform, quick) => equalPosts(platform, quick ? 5 : 30)),
  onPlatform('event-visible', {}, (platform, quick) => eventVisible(platform, 100, quick ? 5 : 40)),
  onPlatform('post-contract', AUTHENTICATED, (platform, quick) =>
    postAgainstInsertAndStart(platform, quick ? 150 : 300),
  ),
  onPlatform('get-contract', AUTHENTICATED, (platform, quick) => getAgainstSelect(platform, quick ? 300 : 1_000)),
  onPlatform('page', AUTHENTICATED, (platform, quick) => pageOfManyStores(platform, quick ? 100 : 300)),
  onPlatform('cli', AUTHENTICATED, (platform, quick) => cliList(platform, quick ? 5 : 20)),
  onPlatform('dashboard', AUTHENTICATED, dashboard),
  ...ENGINES.map((engine) =>
    onPlatform(`ready-${engine}`, { worker: true }, (platform, quick) => timeToReady(platform, engine, quick ? 2 : 6)),
  ),
  onPlatform('many', { worker: true }, (platform, quick) => manyAtOnce(platform, 24, quick ? 1 : 2)),
  onPlatform('killed-worker', {}, (platform, quick) => killedWorker(platform, quick ? 1 : 5)),
  { name: 'fairness', run: fairness },
];

const USAGE = `npm run bench -- [--only NAME] [--quick] [--write]
  --only NAME  run only this case; repeat the option for more cases
               cases: ${CASES.map(({ name }) => name).join(', ')}
  --quick      measure few pairs, to test the benchmark itself
  --write      write the table into ${PAGE}
  --help       print this text and exit`;

/** Returns the Markdown text with the results of all cases. */
function resultsText(reports: readonly CaseReport[], quick: boolean): string {
  const table = markdownTable(reports.flatMap(({ findings }) => findings));
  const details = reports.flatMap((each) => each.details ?? []);
  return [`Measured on ${machine()}${quick ? ', few pairs (--quick)' : ''}.`, table, ...details].join('\n\n');
}

const values = readOptions(
  {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const unknown = (values.only ?? []).filter((name) => !CASES.some((candidate) => candidate.name === name));
  if (unknown.length > 0) endWithUsage(`Unknown case: ${unknown.join(', ')}.`, USAGE);
  const selected = CASES.filter(({ name }) => values.only === undefined || values.only.includes(name));
  const reports: CaseReport[] = [];
  for (const each of selected) {
    process.stderr.write(`${each.name} …\n`);
    const result = await each.run(values.quick, (message) => process.stderr.write(`  ${message}\n`));
    process.stderr.write(`${markdownTable(result.findings)}\n`);
    reports.push(result);
  }
  const text = resultsText(reports, values.quick);
  process.stdout.write(`${text}\n`);
  if (values.write) await writeMarkedSection(PAGE, 'bench', text);
}
