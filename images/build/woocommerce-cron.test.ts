import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { eventually } from '../../test/harness/eventually.ts';

/** Runs the loop of the container `cron` with a fake `run-cron` that records when it starts and ends. */
const LOOP = new URL('../woocommerce/rootfs/usr/local/bin/serve-cron', import.meta.url).pathname;

const RUN_CRON = `#!/bin/sh
folder=$(dirname "$0")
echo "start $(date +%s)" >> "$folder/runs"
sleep "$RUN_SECONDS"
echo 'end' >> "$folder/runs"
exit "$RUN_EXIT_CODE"
`;

let folder: string;
let loop: ReturnType<typeof runLoop> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-platform-cron-'));
  await writeFile(join(folder, 'run-cron'), RUN_CRON);
  await chmod(join(folder, 'run-cron'), 0o755);
  await writeFile(join(folder, 'runs'), '');
});

afterEach(async () => {
  loop?.kill('SIGKILL');
  await loop?.catch(() => undefined);
  loop = undefined;
  await rm(folder, { recursive: true });
});

function startLoop(options: {
  readonly storeId?: string;
  readonly interval?: number;
  readonly runSeconds?: number;
  readonly exitCode?: number;
}): ReturnType<typeof runLoop> {
  const { storeId = '00000001-0000-4000-8000-000000000000', interval = 1, runSeconds = 0, exitCode = 0 } = options;
  loop = runLoop({
    PATH: `${folder}:${process.env['PATH']}`,
    TMPDIR: folder,
    STORE_ID: storeId,
    CRON_INTERVAL_SECONDS: String(interval),
    RUN_SECONDS: String(runSeconds),
    RUN_EXIT_CODE: String(exitCode),
  });
  return loop;
}

function runLoop(env: Readonly<Record<string, string>>) {
  return execa('sh', [LOOP], { reject: false, env });
}

async function runs(): Promise<readonly string[]> {
  return (await readFile(join(folder, 'runs'), 'utf8')).split('\n').filter((line) => line !== '');
}

function startedRuns(atLeast: number): Promise<readonly string[]> {
  return eventually(async () => {
    const starts = (await runs()).filter((line) => line.startsWith('start'));
    expect(starts.length).toBeGreaterThanOrEqual(atLeast);
    return starts;
  });
}

describe('the loop of the scheduled tasks', () => {
  test('runs them once per interval, at the second that follows from the store id', async () => {
    void startLoop({ storeId: '00000a01-0000-4000-8000-000000000000', interval: 3 });
    const seconds = (await startedRuns(2)).map((line) => Number(line.split(' ')[1]));
    expect(seconds.map((second) => second % 3)).toEqual(seconds.map(() => 0xa01 % 3));
    expect((seconds[1] ?? 0) - (seconds[0] ?? 0)).toBe(3);
  });

  test('continues after a failed run and logs it as one line of JSON', async () => {
    const process = startLoop({ exitCode: 7 });
    await startedRuns(2);
    process.kill('SIGTERM');
    const { stdout, exitCode } = await process;
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as unknown);
    expect(lines[0]).toMatchObject({ level: 'error', msg: 'the scheduled tasks failed', exitCode: 7 });
  });

  test.each(['SIGTERM', 'SIGQUIT'] as const)(
    'lets a run in progress end after %s and starts no other',
    async (signal) => {
      const process = startLoop({ runSeconds: 2 });
      await startedRuns(1);
      process.kill(signal);
      await process;
      expect(await runs()).toEqual([expect.stringMatching(/^start/), 'end']);
    },
  );

  test('ends at once on a signal between two runs', async () => {
    const process = startLoop({ interval: 3600 });
    await eventually(() => stat(join(folder, 'alive')));
    process.kill('SIGTERM');
    expect((await process).exitCode).toBe(0);
    expect(await runs()).toEqual([]);
  });

  test.each([
    ['CRON_INTERVAL_SECONDS', { interval: 0 }],
    ['STORE_ID', { storeId: 'acme' }],
  ])('names %s when it is not valid', async (name, options) => {
    const { exitCode, stderr } = await startLoop(options);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(name);
  });
});
