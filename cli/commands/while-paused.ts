import { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, ConnectionError } from '../../client/index.ts';
import type { CommandContext } from '../context.ts';
import { ConflictError, describe, EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { positiveInteger } from '../numbers.ts';
import { runInherited } from '../run-program.ts';
import { labelOf, listSchedules, pauseSchedule, resumeSchedule, type Schedule } from './schedules.ts';

const REASON = 'store-platform admin while-paused';
const POLL_MS = 1_000;
/** Seconds between two equal messages about what the command waits for. */
const REPEAT_MESSAGE_SECONDS = 15;
const RUN_TIMEOUT_SECONDS = 60;
/** A restore of a large database takes its time inside the command; afterwards the processes need minutes at most. */
const RESUME_TIMEOUT_SECONDS = 900;

interface Options {
  readonly keepPaused?: boolean;
  readonly reason: string;
  readonly runTimeout: number;
  readonly resumeTimeout: number;
}

/** Creates the command that runs a program while the schedules of the reconciler are paused, such as a restore. */
export function whilePausedCommand(context: () => CommandContext): Command {
  return new Command('while-paused')
    .description('run a program while the schedules of the reconciler are paused, such as a restore')
    .argument('<command>', 'the program to run')
    .argument('[args...]', 'its arguments')
    .usage('[options] -- <command> [args...]')
    .option('--keep-paused', 'if the program fails, do not resume the schedules')
    .option('--reason <text>', 'why, for the notes of the schedules', REASON)
    .option(
      '--run-timeout <seconds>',
      'how long to wait for open runs of the schedules before the program starts',
      positiveInteger,
      RUN_TIMEOUT_SECONDS,
    )
    .option(
      '--resume-timeout <seconds>',
      'how long to wait for the API after the program has ended',
      positiveInteger,
      RESUME_TIMEOUT_SECONDS,
    )
    .action((command: string, args: readonly string[], options: Options) =>
      runWhilePaused(context(), { command, args, options }),
    );
}

/**
 * Pauses the schedules that are active, runs the program, and brings every schedule back to the state that it had.
 * Standard output belongs to the program.
 *
 * @throws ProgramFailed with the exit code of the program; ConflictError if there is no schedule; the error of the API if the
 * schedules cannot be paused, or cannot be resumed in time.
 */
async function runWhilePaused(
  context: CommandContext,
  { command, args, options }: { readonly command: string; readonly args: readonly string[]; readonly options: Options },
): Promise<void> {
  const before = await listSchedules(context.client);
  if (before.length === 0) throw new ConflictError('There is no schedule to pause. Start a worker: it creates them.');
  let isKept = false;
  try {
    await pauseActive(context, before, options.reason);
    await waitForRuns(context, options.runTimeout);
    try {
      await runInherited(command, args);
    } catch (error) {
      isKept = options.keepPaused === true;
      throw error;
    }
  } catch (error) {
    // The first error decides about the exit code.
    if (isKept) sayHowToResume(context, before, 'The schedules stay paused.');
    else await restoreStates(context, before, options.resumeTimeout).catch(sayLines(context));
    throw error;
  }
  await restoreStates(context, before, options.resumeTimeout);
}

async function pauseActive(context: CommandContext, before: readonly Schedule[], reason: string): Promise<void> {
  const { client, output } = context;
  const active = before.filter(({ isPaused }) => !isPaused);
  const paused = before.filter(({ isPaused }) => isPaused);
  if (paused.length > 0) output.say(`Paused already: ${namesOf(paused)}`);
  if (active.length === 0) return;
  // Said first: it also helps after a SIGKILL.
  sayHowToResume(context, before, `Pausing ${namesOf(active)}.`);
  for (const schedule of active) await pauseSchedule(client, schedule, reason);
}

/** Waits until no run of a schedule is open. After the timeout it only warns: without a worker, no run ends. */
async function waitForRuns({ client, output }: CommandContext, timeoutSeconds: number): Promise<void> {
  const wait = new Wait(output, timeoutSeconds);
  for (;;) {
    const running = (await listSchedules(client)).filter(({ isRunning }) => isRunning);
    if (running.length === 0) return;
    if (wait.isOver()) {
      output.say(`The run of ${namesOf(running)} is still open. The program starts anyway.`);
      return;
    }
    await wait.next(`the run of ${namesOf(running)} to end`);
  }
}

/**
 * Brings the schedules back to the state that they had before, as soon as the API answers. A restore of Temporal also
 * restores the state of the schedules, so one that was paused before may have to be paused again.
 */
async function restoreStates(
  context: CommandContext,
  before: readonly Schedule[],
  timeoutSeconds: number,
): Promise<void> {
  const { output } = context;
  const wait = new Wait(output, timeoutSeconds);
  for (;;) {
    try {
      await restoreOnce(context, before);
      return;
    } catch (error) {
      if (!canPass(error) || wait.isOver()) {
        sayHowToResume(context, before, 'The schedules may still be paused.');
        sayIfTokenIsLost(output, error);
        throw error;
      }
      await wait.next(`the API: ${describe(error)[0]}`);
    }
  }
}

async function restoreOnce(
  { uninterruptedClient: client, output }: CommandContext,
  before: readonly Schedule[],
): Promise<void> {
  const now = new Map((await listSchedules(client)).map((schedule) => [labelOf(schedule), schedule]));
  for (const schedule of before) {
    const name = labelOf(schedule);
    // A restored database can lack the cluster of a schedule that exists, so this one is not in the list.
    if (now.get(name)?.isPaused === schedule.isPaused) continue;
    try {
      if (schedule.isPaused) await pauseSchedule(client, schedule, REASON);
      else await resumeSchedule(client, schedule);
      output.say(schedule.isPaused ? `Paused ${name} again: it was paused before.` : `Resumed ${name}.`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      output.say(`${name} does not exist any more. A worker creates it when it starts.`);
    }
  }
}

/** Whether the same request can succeed later: the API, or a service behind it, is not back yet. */
function canPass(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError;
}

function namesOf(schedules: readonly Schedule[]): string {
  return schedules.map(labelOf).join(', ');
}

/** Says what the state is, and the command that resumes the schedules that were active before, if there were any. */
function sayHowToResume({ url, output }: CommandContext, before: readonly Schedule[], state: string): void {
  const names = new Set(before.filter(({ isPaused }) => !isPaused).map(({ name }) => name));
  if (names.size === 0) return;
  output.say(`${state} To resume by hand: store-platform --url ${url} admin schedules resume ${[...names].join(' ')}`);
}

function sayIfTokenIsLost(output: CommandContext['output'], error: unknown): void {
  if (exitCodeOf(error) !== EXIT_CODES.notAuthorized) return;
  output.say('A restored database lacks newer tokens. If yours is one of them, log in again first.');
}

function sayLines({ output }: CommandContext) {
  return (error: unknown): void => {
    for (const line of describe(error)) output.say(line);
  };
}

/** A wait with a deadline, which says what it waits for. */
class Wait {
  readonly #output: CommandContext['output'];
  readonly #startedAt = Date.now();
  readonly #timeoutMs: number;
  #said: { readonly what: string; readonly at: number } | undefined;

  constructor(output: CommandContext['output'], timeoutSeconds: number) {
    this.#output = output;
    this.#timeoutMs = timeoutSeconds * 1_000;
  }

  isOver(): boolean {
    return Date.now() - this.#startedAt >= this.#timeoutMs;
  }

  /** Waits until the next attempt. Says what for, when this changes and from time to time. */
  async next(what: string): Promise<void> {
    const now = Date.now();
    if (this.#said?.what !== what || now - this.#said.at >= REPEAT_MESSAGE_SECONDS * 1_000) {
      const seconds = Math.round((now - this.#startedAt) / 1_000);
      this.#output.say(`Waiting for ${what} (${seconds} of ${this.#timeoutMs / 1_000} s)`);
      this.#said = { what, at: now };
    }
    await delay(POLL_MS);
  }
}
