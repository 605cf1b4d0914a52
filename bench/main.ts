import { parseArgs } from 'node:util';
import { ENGINES } from '../domain/engines/index.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { fairness } from './cases/fairness.ts';
import { equalPosts, postAgainstStart } from './cases/post.ts';
import { killedWorker } from './cases/killed-worker.ts';
import { manyAtOnce, timeToReady } from './cases/provision.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';
import { machine, markdownTable, type CaseReport, type Finding } from './report.ts';

interface Case {
  readonly name: string;
  /** Where `--write` puts what it found. */
  readonly page: string;
  readonly run: (quick: boolean, report: (message: string) => void) => Promise<CaseReport>;
}

const README = 'README.md';

/** A case on a platform of its own: what one leaves behind can't slow the next. */
function onPlatform(
  name: string,
  { worker }: { readonly worker: boolean },
  measure: (platform: BenchPlatform, quick: boolean) => Promise<Finding>,
): Case {
  async function run(quick: boolean, report: (message: string) => void): Promise<CaseReport> {
    const platform = await startBenchPlatform(report);
    try {
      if (worker) await platform.startWorker();
      return { findings: [await measure(platform, quick)] };
    } finally {
      await platform.stop();
    }
  }
  return { name, page: README, run };
}

/** Cases in their order: those that need an idle Temporal come before the first worker. */
const CASES: readonly Case[] = [
  onPlatform('post', { worker: false }, (platform, quick) => postAgainstStart(platform, quick ? 150 : 300)),
  onPlatform('equal-posts', { worker: false }, (platform, quick) => equalPosts(platform, quick ? 5 : 30)),
  ...ENGINES.map((engine) =>
    onPlatform(`ready-${engine}`, { worker: true }, (platform, quick) => timeToReady(platform, engine, quick ? 2 : 6)),
  ),
  onPlatform('many', { worker: true }, (platform, quick) => manyAtOnce(platform, 24, quick ? 1 : 2)),
  onPlatform('killed-worker', { worker: false }, (platform, quick) => killedWorker(platform, quick ? 1 : 5)),
  { name: 'fairness', page: README, run: fairness },
];

const USAGE = `npm run bench -- [--only NAME] [--quick] [--write]
  --only NAME  one of ${CASES.map(({ name }) => name).join(', ')}; may be given more than once
  --quick      few pairs: tells whether it works, not how fast it is
  --write      puts the tables into README.md and docs/`;

/** Everything that the cases of one page found, as the page shows it. */
function pageText(reports: readonly CaseReport[], quick: boolean): string {
  const table = markdownTable(reports.flatMap(({ findings }) => findings));
  const details = reports.flatMap((each) => each.details ?? []);
  return [`Measured on ${machine()}${quick ? ', few pairs' : ''}.`, table, ...details].join('\n\n');
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const unknown = (values.only ?? []).filter((name) => !CASES.some((candidate) => candidate.name === name));
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}\n${USAGE}`);
  const chosen = CASES.filter(({ name }) => values.only === undefined || values.only.includes(name));
  const pages = new Map<string, CaseReport[]>();
  for (const found of chosen) {
    process.stderr.write(`${found.name} …\n`);
    const result = await found.run(values.quick, (message) => process.stderr.write(`  ${message}\n`));
    process.stderr.write(`${markdownTable(result.findings)}\n`);
    pages.set(found.page, [...(pages.get(found.page) ?? []), result]);
  }
  for (const [page, reports] of pages) {
    const text = pageText(reports, values.quick);
    process.stdout.write(`${text}\n`);
    if (values.write) await writeMarkedSection(page, 'bench', text);
  }
}
