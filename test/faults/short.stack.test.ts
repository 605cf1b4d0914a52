import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { Report } from './report/report.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The run takes three minutes on an idle machine with two cores, but all tests of the repository share the machine. */
const DEADLINE_MS = 900_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test(
  'the short form of the fault runs finds no violation',
  async () => {
    const json = join(folder, 'report.json');
    const run = await execa(process.execPath, ['--import', 'tsx', 'test/faults/main.ts', '--short', '--json', json], {
      cwd: REPOSITORY,
      reject: false,
      all: true,
      timeout: DEADLINE_MS,
      // The process stops its stack before it exits.
      forceKillAfterDelay: 60_000,
    });
    const output = run.exitCode === 0 ? '' : run.all.slice(-8_000);
    expect({ exitCode: run.exitCode, output }).toEqual({ exitCode: 0, output: '' });
    const report = JSON.parse(await readFile(json, 'utf8')) as Report;
    expect(report.violations).toEqual([]);
    expect(report.totals.runs).toBeGreaterThan(0);
  },
  DEADLINE_MS + 90_000,
);
