import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { Report } from './report/report.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** Three minutes on a quiet machine of two cores; the tests of the whole repository share it. */
const DEADLINE_MS = 900_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test(
  'the short form of the fault environment finds no violation',
  async () => {
    const json = join(folder, 'report.json');
    const environment = await execa(
      process.execPath,
      ['--import', 'tsx', 'test/faults/main.ts', '--short', '--json', json],
      {
        cwd: REPOSITORY,
        reject: false,
        all: true,
        timeout: DEADLINE_MS,
        // It stops its stack first.
        forceKillAfterDelay: 60_000,
      },
    );
    expect({
      exitCode: environment.exitCode,
      said: environment.exitCode === 0 ? '' : environment.all.slice(-8_000),
    }).toEqual({
      exitCode: 0,
      said: '',
    });
    const report = JSON.parse(await readFile(json, 'utf8')) as Report;
    expect(report.violations).toEqual([]);
    expect(report.totals.runs).toBeGreaterThan(0);
  },
  DEADLINE_MS + 90_000,
);
