import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { equalPosts, postAgainstStart } from './cases/post.ts';
import { killedWorker } from './cases/killed-worker.ts';
import { manyAtOnce, timeToReady } from './cases/provision.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';
import { machine, markdownTable, type Finding } from './report.ts';

/** Cases in their order: those that need an idle Temporal come before the first worker. */
const CASES: readonly {
  readonly name: string;
  readonly worker: boolean;
  readonly run: (platform: BenchPlatform, quick: boolean) => Promise<Finding>;
}[] = [
  { name: 'post', worker: false, run: (platform, quick) => postAgainstStart(platform, quick ? 50 : 500) },
  { name: 'equal-posts', worker: false, run: (platform, quick) => equalPosts(platform, quick ? 5 : 30) },
  {
    name: 'ready-woocommerce',
    worker: true,
    run: (platform, quick) => timeToReady(platform, 'woocommerce', quick ? 2 : 10),
  },
  { name: 'ready-medusa', worker: true, run: (platform, quick) => timeToReady(platform, 'medusa', quick ? 2 : 10) },
  { name: 'many', worker: true, run: (platform, quick) => manyAtOnce(platform, 24, quick ? 1 : 3) },
  { name: 'killed-worker', worker: false, run: (platform, quick) => killedWorker(platform, quick ? 1 : 5) },
];

const USAGE = `npm run bench -- [--only NAME] [--quick] [--write]
  --only NAME  one of ${CASES.map(({ name }) => name).join(', ')}; may be given more than once
  --quick      few pairs: tells whether it works, not how fast it is
  --write      puts the table into README.md`;

const MARKERS = { begin: '<!-- bench:begin -->', end: '<!-- bench:end -->' };

/** Each case has a platform of its own: what one leaves behind can't slow the next. */
async function runCase(
  found: (typeof CASES)[number],
  quick: boolean,
  report: (message: string) => void,
): Promise<Finding> {
  const platform = await startBenchPlatform(report);
  try {
    if (found.worker) await platform.startWorker();
    return await found.run(platform, quick);
  } finally {
    await platform.stop();
  }
}

async function writeIntoReadme(table: string): Promise<void> {
  const readme = await readFile('README.md', 'utf8');
  const [before, rest] = readme.split(MARKERS.begin);
  const after = rest?.split(MARKERS.end)[1];
  if (before === undefined || after === undefined) throw new Error('README.md has no place for the table');
  await writeFile('README.md', `${before}${MARKERS.begin}\n\n${table}\n\n${MARKERS.end}${after}`);
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
  const findings: Finding[] = [];
  for (const found of chosen) {
    process.stderr.write(`${found.name} …\n`);
    findings.push(await runCase(found, values.quick, (message) => process.stderr.write(`  ${message}\n`)));
    process.stderr.write(`${markdownTable(findings.slice(-1))}\n`);
  }
  const table = `Measured on ${machine()}${values.quick ? ', few pairs' : ''}.\n\n${markdownTable(findings)}`;
  process.stdout.write(`${table}\n`);
  if (values.write) await writeIntoReadme(table);
}
