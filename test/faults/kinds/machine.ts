import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import { lostMachine } from './lost-machine.ts';

const CLOCK_OFFSET_MS = 600_000;

const clockSkew: FaultKind = {
  kind: 'clock-skew',
  title: 'The clock of one process is wrong by 10 min',
  setUp: async ({ environment, random }) => {
    const env = { FAULT_CLOCK_OFFSET_MS: String(random.pick([-1, 1]) * CLOCK_OFFSET_MS) };
    if (random.chance(0.3)) return environment.api.start({ env });
    const worker = random.pick(environment.workers);
    await worker.kill('SIGTERM');
    await worker.start({ env });
  },
  inject: ({ trafficDone }) => trafficDone,
};

function diskOf({ environment }: FaultContext): string {
  return join(environment.folder, 'small-disk');
}

const FILL_BYTES = 1024 * 1024;

const fullDisk: FaultKind = {
  kind: 'full-disk',
  title: 'The disk for the Helm values files is full for 30 s',
  unavailable: () => (process.getuid?.() === 0 ? undefined : 'only root can mount a small disk'),
  setUp: async (context) => {
    const disk = diskOf(context);
    mkdirSync(disk, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    context.environment.atStop(() => unmount(disk));
    for (const worker of context.environment.workers) {
      await worker.kill('SIGTERM');
      // tsx keeps compiled modules in TMPDIR. They would fill the disk while the worker starts.
      await worker.start({ env: { TMPDIR: disk, TSX_DISABLE_CACHE: '1' } });
    }
  },
  inject: async (context) => {
    const { outageMs, markHealed, watch } = context;
    const filler = join(diskOf(context), 'filler');
    await watch.awaitBusy();
    try {
      writeFileSync(filler, Buffer.alloc(FILL_BYTES));
    } catch {
      // Expected: the write fails when the disk is full.
    }
    await delay(outageMs(30_000));
    rmSync(filler, { force: true });
    markHealed();
  },
  tearDown: (context) => unmount(diskOf(context)),
};

/** Unmounts lazily, because a process that is about to end may still have open files on the disk. */
async function unmount(disk: string): Promise<void> {
  await execa('umount', ['--lazy', disk], { reject: false });
}

async function rollPlatform({ environment }: FaultContext): Promise<void> {
  await environment.api.start();
  for (const worker of environment.workers) {
    await worker.kill('SIGTERM');
    await worker.start();
  }
}

const rolling: FaultKind = {
  kind: 'rolling-restart',
  title: 'The API and each worker are restarted one after the other, under traffic',
  inject: async (context) => {
    await context.watch.awaitBusy();
    await rollPlatform(context);
    context.markHealed();
  },
};

const rollingAll: FaultKind = {
  kind: 'rolling-restart-of-everything',
  title: 'The API, each worker, Postgres and Temporal are restarted one after the other, under traffic',
  inject: async (context) => {
    const { environment } = context;
    await context.watch.awaitBusy();
    await rollPlatform(context);
    for (const service of [environment.services.postgres, ...environment.temporalNodes]) {
      await service.crash();
      await service.start();
    }
    context.markHealed();
  },
};

export const MACHINE_KINDS: readonly FaultKind[] = [fullDisk, clockSkew, lostMachine, rolling, rollingAll];
