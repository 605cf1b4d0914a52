import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const CLOCK_OFF_MS = 600_000;

const clockOff: FaultKind = {
  kind: 'clock-off',
  title: "One process's clock is off by 10 min",
  setUp: async ({ environment, random }) => {
    const env = { FAULTS_CLOCK_OFFSET_MS: String(random.pick([-1, 1]) * CLOCK_OFF_MS) };
    if (random.chance(0.3)) return environment.api.start({ env });
    const worker = random.pick(environment.workers);
    await worker.kill('SIGTERM');
    await worker.start({ env });
  },
  inject: ({ trafficDone }) => trafficDone,
};

function diskOf({ environment }: FaultContext): string {
  return join(environment.folder, 'tiny-disk');
}

const FILL_BYTES = 1024 * 1024;

const fullDisk: FaultKind = {
  kind: 'full-disk',
  title: 'The disk for the values files is full for 30 s',
  unavailable: () => (process.getuid?.() === 0 ? undefined : 'only root can mount a tiny disk'),
  setUp: async (context) => {
    const disk = diskOf(context);
    mkdirSync(disk, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    context.environment.atStop(() => unmount(disk));
    for (const worker of context.environment.workers) {
      await worker.kill('SIGTERM');
      await worker.start({ env: { TMPDIR: disk } });
    }
  },
  inject: async (context) => {
    const { away, markHealed, watch } = context;
    const ballast = join(diskOf(context), 'ballast');
    await watch.awaitBusy();
    try {
      writeFileSync(ballast, Buffer.alloc(FILL_BYTES));
    } catch {
      // That is the point: what fitted is written.
    }
    await delay(away(30_000));
    rmSync(ballast, { force: true });
    markHealed();
  },
  tearDown: (context) => unmount(diskOf(context)),
};

/** Lazily, since a process that is ending may still have it open. */
async function unmount(disk: string): Promise<void> {
  await execa('umount', ['--lazy', disk], { reject: false });
}

async function rollPlatform({ environment }: FaultContext): Promise<void> {
  await environment.api.roll();
  for (const worker of environment.workers) {
    await worker.kill('SIGTERM');
    await worker.start();
  }
}

const rolling: FaultKind = {
  kind: 'rolling-restart',
  title: 'The API and each worker are replaced, one after the other, under traffic',
  inject: async (context) => {
    await context.watch.awaitBusy();
    await rollPlatform(context);
    context.markHealed();
  },
};

const rollingAll: FaultKind = {
  kind: 'rolling-restart-of-everything',
  title: 'The API, each worker, Postgres and Temporal are restarted, one after the other, under traffic',
  inject: async (context) => {
    const { environment } = context;
    await context.watch.awaitBusy();
    await rollPlatform(context);
    for (const name of ['postgres', 'temporal'] as const) {
      await environment.services[name].crash();
      await environment.services[name].start();
    }
    context.markHealed();
  },
};

export const MACHINE_KINDS: readonly FaultKind[] = [fullDisk, clockOff, rolling, rollingAll];
