import type { ActivityInput, RecordProgressInput } from '../../domain/operations.ts';

/** One call to the world, and on which side of its effect the process dies. */
export interface CrashPoint {
  /** Name of the call as `callName` gives it. */
  readonly call: string;
  readonly moment: 'before' | 'after';
  /** Only in calls for the store of this name. */
  readonly storeName: string;
}

/** The calls that write progress differ only in what they write, which is therefore part of their name. */
export function callName(method: string, input: ActivityInput & Partial<RecordProgressInput>): string {
  if (method !== 'recordProgress') return method;
  return `${method} ${input.started ?? 'failure'}`;
}

/** The same calls; the process kills itself in the one that `armed` names. */
export function crashing<T extends object>(calls: T, armed: () => CrashPoint | undefined): T {
  return new Proxy(calls, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return async (input: ActivityInput, ...rest: readonly unknown[]) => {
        await dieAt(armed(), 'before', String(property), input);
        const result: unknown = await Reflect.apply(member, target, [input, ...rest]);
        await dieAt(armed(), 'after', String(property), input);
        return result;
      };
    },
  });
}

async function dieAt(
  point: CrashPoint | undefined,
  moment: CrashPoint['moment'],
  method: string,
  input: ActivityInput,
): Promise<void> {
  if (point === undefined || point.moment !== moment || point.storeName !== input.store.name) return;
  if (point.call !== callName(method, input)) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing more may happen, even if the signal takes a moment.
  await new Promise(() => undefined);
}
