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
echo 'start' >> "$folder/runs"
sleep "$RUN_SECONDS"
echo 'end' >> "$folder/runs"
exit "$RUN_EXIT_CODE"
`;

let folder: string;
let loop: ReturnType<typeof runLoop> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-platform-cron-'));
  await addCommand('run-cron', RUN_CRON);
  await writeFile(join(folder, 'runs'), '');
});

afterEach(async () => {
  if (loop?.pid !== undefined) killGroup(loop.pid);
  await loop;
  loop = undefined;
  // A job that the signal has not reached yet may still create a file.
  await rm(folder, { recursive: true, maxRetries: 5 });
});

/** Ends the loop and its jobs, which write into the folder. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // No process of the group runs any more.
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}

/** Adds a command that the loop finds before those of the machine. */
async function addCommand(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), script);
  await chmod(join(folder, name), 0o755);
}

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
  return execa('sh', [LOOP], { reject: false, env, detached: true });
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
  // The store runs at second 41: 0xa01 is 2561.
  test.each([
    ['a second before its time', 1_000, 1],
    ['at its time', 1_001, 60],
    ['a second after its time', 1_002, 59],
  ])('waits %s for the second that follows from the store id', async (_name, now, expected) => {
    await addCommand('date', `#!/bin/sh\necho ${now}\n`);
    await addCommand('sleep', `#!/bin/sh\n[ "$1" = 0 ] || echo "$1" >> "$(dirname "$0")/sleeps"\n`);
    void startLoop({ storeId: '00000a01-0000-4000-8000-000000000000', interval: 60 });
    await startedRuns(2);
    const sleeps = (await readFile(join(folder, 'sleeps'), 'utf8')).trim().split('\n');
    expect(new Set(sleeps)).toEqual(new Set([String(expected)]));
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

  test('ends at once on a signal that arrives just before it begins to wait', async () => {
    await addCommand('touch', '#!/bin/sh\nkill -TERM "$PPID"\n');
    const { exitCode, stderr } = await startLoop({ interval: 3600 });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
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
