import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../eventually.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** Loading all modules takes seconds; on a machine that does many other things, minutes. */
const START_DEADLINE_MS = 180_000;

export interface PlatformProcess {
  readonly pid: number;
  /** All that it has written so far: JSON lines. */
  readonly output: () => string;
  /** Its exit code, once it has ended; undefined when a signal ended it. */
  ended(): Promise<number | undefined>;
  /** Ends it and resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops or continues it; the process is not told. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** Settings that all processes of one platform share: where database, Temporal, cluster, Helm and workflow bundle are. */
export type PlatformEnv = Readonly<Record<string, string>>;

/** The API or a worker as users run them; nothing but `env` decides what they stand on. */
export function startProcess(kind: 'api' | 'worker', env: Readonly<Record<string, string>>): PlatformProcess {
  const child = execa(process.execPath, ['--import', 'tsx', `${kind}/main.ts`], {
    cwd: REPOSITORY,
    env: { STORE_PLATFORM_STATE: '/nonexistent', PORT: '0', WORKER_HEALTH_PORT: '0', ...env },
    reject: false,
    all: true,
  });
  let output = '';
  child.all.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the ${kind} process could not be started`);
  return {
    pid,
    output: () => output,
    ended: async () => (await child).exitCode,
    kill: async (signal) => {
      child.kill(signal);
      await child;
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** A worker that polls. */
export async function startWorkerProcess(
  env: PlatformEnv,
  extra: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess> {
  const worker = startProcess('worker', { ...env, ...extra });
  await eventually(() => saidIn(worker, 'worker is polling'), { deadlineMs: START_DEADLINE_MS });
  return worker;
}

/** An API that listens, with its address. */
export async function startApiProcess(
  env: PlatformEnv,
  extra: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess & { readonly url: string }> {
  const api = startProcess('api', { ...env, ...extra });
  await eventually(() => saidIn(api, 'the API is listening'), { deadlineMs: START_DEADLINE_MS });
  const url = /"url":"(http:[^"]+)"/.exec(api.output())?.[1];
  if (url === undefined) throw new Error(`the API told no address: ${api.output()}`);
  return { ...api, url };
}

function saidIn(process: PlatformProcess, sentence: string): true {
  if (process.output().includes(sentence)) return true;
  throw new Error(`it has not said "${sentence}" but: ${process.output().slice(-2_000)}`);
}
