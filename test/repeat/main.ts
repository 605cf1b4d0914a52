import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readRun } from './jest-run.ts';
import { repeatRuns, type RunResult } from './repeat.ts';

/** `npm run test:repeat -- N [arguments of Jest]`: runs `npm test` N times in a row, to find tests that fail only sometimes. */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const [first = '', ...jestArgs] = process.argv.slice(2);
const times = Number(first);
if (!Number.isInteger(times) || times < 1) {
  process.stderr.write('usage: npm run test:repeat -- N [arguments of Jest]\nN is the number of runs, 1 or more.\n');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'test-repeat-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(number: number): Promise<RunResult> {
  const resultsFile = join(folder, `run-${number}.json`);
  const log = join(folder, `run-${number}.log`);
  const startedAt = Date.now();
  const { exitCode } = await execa(
    'npm',
    ['test', '--', ...jestArgs, '--ci', '--json', `--outputFile=${resultsFile}`],
    {
      cwd: REPOSITORY,
      stdin: 'ignore',
      stdout: { file: log },
      stderr: { file: log },
      reject: false,
    },
  );
  const seconds = (Date.now() - startedAt) / 1_000;
  return readRun({ resultsFile, output: readFileSync(log, 'utf8'), exitCode, seconds });
}

print(`The output of each run is in ${folder}`);
process.exitCode = (await repeatRuns(times, { run, print })) ? 0 : 1;
