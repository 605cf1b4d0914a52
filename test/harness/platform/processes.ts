import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../eventually.ts';
import { programOf } from './compiled-platform.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** A process needs seconds to load its modules, and minutes on a busy machine. */
const START_DEADLINE_MS = 180_000;

/** Tests and measurements send more requests than a person. */
export const NO_REQUEST_LIMITS = {
  REQUESTS_PER_MINUTE_PER_ADDRESS: '0',
  READS_PER_MINUTE_PER_PRINCIPAL: '0',
  CHANGES_PER_MINUTE_PER_TENANT: '0',
} as const;

export interface PlatformProcess {
  readonly pid: number;
  /** Returns everything that the process has written so far: JSON lines. */
  readonly output: () => string;
  /** Waits for the end of the process. Returns its exit code, or undefined if a signal ended it. */
  ended(): Promise<number | undefined>;
  /** Sends the signal and waits until the process has ended. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Pauses or continues the process. The process itself cannot handle SIGSTOP. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** Environment variables that all processes of one platform share: addresses of database, Temporal and cluster, paths of Helm and the workflow bundle. */
export type PlatformEnv = Readonly<Record<string, string>>;

/** Starts the API or a worker as users do. Only `env` decides which services it uses. */
export function startProcess(kind: 'api' | 'worker', env: Readonly<Record<string, string>>): PlatformProcess {
  const child = execa(process.execPath, programOf(kind, env), {
    cwd: REPOSITORY,
    env: {
      STORE_PLATFORM_STATE: '/nonexistent',
      AUTH: 'none',
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_HEALTH_PORT: '0',
      ...NO_REQUEST_LIMITS,
      ...env,
    },
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

/** How a program that ends by itself has ended. */
export interface EndedProgram {
  readonly exitCode: number | undefined;
  /** JSON lines, and the sentence on standard error. */
  readonly output: string;
}

/** Runs the promotion of a worker version, as the Job of the chart does. `args` are its options. */
export async function runPromotion(env: PlatformEnv, args: readonly string[]): Promise<EndedProgram> {
  const { exitCode, all } = await execa(process.execPath, [...programOf('promote', env), ...args], {
    cwd: REPOSITORY,
    env: { STORE_PLATFORM_STATE: '/nonexistent', ...env },
    reject: false,
    all: true,
  });
  return { exitCode, output: all };
}

/** Starts a worker and waits until it polls. @throws Error with its output if it does not. */
export async function startWorkerProcess(
  env: PlatformEnv,
  extra: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess> {
  const worker = startProcess('worker', { ...env, ...extra });
  await eventually(() => requireLogged(worker, 'worker is polling'), { deadlineMs: START_DEADLINE_MS });
  return worker;
}

/** Starts an API and waits until it listens. @throws Error with its output if it does not. */
export async function startApiProcess(
  env: PlatformEnv,
  extra: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess & { readonly url: string }> {
  const api = startProcess('api', { ...env, ...extra });
  await eventually(() => requireLogged(api, 'the API is listening'), { deadlineMs: START_DEADLINE_MS });
  const url = /"url":"(http:[^"]+)"/.exec(api.output())?.[1];
  if (url === undefined) throw new Error(`the API logged no URL: ${api.output()}`);
  return { ...api, url };
}

function requireLogged(process: PlatformProcess, message: string): true {
  if (process.output().includes(message)) return true;
  throw new Error(`the process did not log "${message}". Its last output: ${process.output().slice(-2_000)}`);
}
