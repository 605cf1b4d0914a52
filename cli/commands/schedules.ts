import { Argument, Command } from 'commander';
import type { components } from '../../client/schema.d.ts';
import type { StorePlatformClient } from '../../client/index.ts';
import type { CommandContext } from '../context.ts';
import { dataOf, showRows, type Columns } from './show-rows.ts';

export type Schedule = components['schemas']['Schedule'];
export type ScheduleName = Schedule['name'];

const NAMES = {
  'reconcile-stores': true,
  'reconcile-waiting-stores': true,
  'reconcile-cluster': true,
  'verify-stores': true,
} as const satisfies Record<ScheduleName, true>;

const SCHEDULE: Columns<Schedule> = {
  NAME: ({ name }) => name,
  CLUSTER: ({ cluster }) => cluster,
  STATE: ({ isPaused }) => (isPaused ? 'paused' : 'active'),
  'EVERY (S)': ({ intervalSeconds }) => intervalSeconds?.toString() ?? null,
  'LAST RUN': ({ lastRunAt }) => lastRunAt,
  'NEXT RUN': ({ nextRunAt }) => nextRunAt,
  RUNNING: ({ isRunning }) => (isRunning ? 'yes' : 'no'),
  NOTE: ({ note }) => note,
};

/** Creates the commands that show, pause, resume and trigger the schedules of the reconciler. */
export function scheduleCommands(context: () => CommandContext): Command {
  const schedules = new Command('schedules').description('the schedules of the reconciler');
  schedules
    .command('list')
    .description('list the schedules and whether they are paused')
    .action(async () => {
      const { client, output } = context();
      await showRows(output, await listSchedules(client), SCHEDULE);
    });
  schedules
    .command('pause')
    .description('pause schedules: no further run starts. Without a name: all of them')
    .addArgument(namesOf('[schedule...]'))
    .option('--reason <text>', 'why, for the note of the schedule')
    .action((names: readonly ScheduleName[], { reason }: { readonly reason?: string }) =>
      changeAll(context(), names, (client, key) => pauseSchedule(client, key, reason)),
    );
  schedules
    .command('resume')
    .description('resume schedules. Without a name: all of them')
    .addArgument(namesOf('[schedule...]'))
    .action((names: readonly ScheduleName[]) => changeAll(context(), names, resumeSchedule));
  schedules
    .command('trigger')
    .description('start a run of schedules now, also if they are paused')
    .addArgument(namesOf('<schedule...>'))
    .action((names: readonly ScheduleName[]) => changeAll(context(), names, triggerSchedule));
  return schedules;
}

function namesOf(argument: string): Argument {
  return new Argument(argument, 'name of a schedule').choices(Object.keys(NAMES));
}

/** Identifies a schedule. */
type ScheduleKey = Pick<Schedule, 'name' | 'cluster'>;

/** Returns the name of a schedule for people. */
export function labelOf({ name, cluster }: ScheduleKey): string {
  return cluster === null ? name : `${name} of ${cluster}`;
}

/** Changes the schedules with these names, of all clusters, or all that exist, and shows their new state. */
async function changeAll(
  { client, output }: CommandContext,
  names: readonly ScheduleName[],
  change: (client: StorePlatformClient, key: ScheduleKey) => Promise<Schedule>,
): Promise<void> {
  const existing = await listSchedules(client);
  const chosen = names.length > 0 ? names.flatMap((name) => keysOf(name, existing)) : existing;
  const changed: Schedule[] = [];
  for (const key of chosen) changed.push(await change(client, key));
  await showRows(output, changed, SCHEDULE);
}

/** A schedule that does not exist keeps its name: the API then says what to do. */
function keysOf(name: ScheduleName, existing: readonly Schedule[]): readonly ScheduleKey[] {
  const found = existing.filter((schedule) => schedule.name === name);
  return found.length > 0 ? found : [{ name, cluster: null }];
}

/** Returns the parameters of a request that changes a schedule. */
function paramsOf({ name, cluster }: ScheduleKey) {
  return { path: { name }, ...(cluster === null ? {} : { query: { cluster } }) };
}

/** Returns the schedules of the installation and of its clusters that exist. */
export async function listSchedules(client: StorePlatformClient): Promise<readonly Schedule[]> {
  return dataOf(await client.GET('/api/admin/schedules')).data;
}

/** Pauses a schedule and returns its state. A schedule that is paused stays so, with the new note. */
export async function pauseSchedule(
  client: StorePlatformClient,
  key: ScheduleKey,
  reason: string | undefined,
): Promise<Schedule> {
  const body = reason === undefined ? {} : { reason };
  return dataOf(await client.POST('/api/admin/schedules/{name}/pause', { params: paramsOf(key), body }));
}

/** Resumes a schedule and returns its state. */
export async function resumeSchedule(client: StorePlatformClient, key: ScheduleKey): Promise<Schedule> {
  return dataOf(await client.POST('/api/admin/schedules/{name}/resume', { params: paramsOf(key) }));
}

/** Starts a run of a schedule and returns the state of the schedule. */
async function triggerSchedule(client: StorePlatformClient, key: ScheduleKey): Promise<Schedule> {
  return dataOf(await client.POST('/api/admin/schedules/{name}/trigger', { params: paramsOf(key) }));
}
