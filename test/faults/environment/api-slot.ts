import { join } from 'node:path';
import { startManaged, type ManagedProcess } from './managed-process.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { throughLinks } from './through-links.ts';

/** The API behind a fixed address. The process behind the address can be replaced. */
export interface ApiSlot {
  readonly url: string;
  readonly links: { readonly postgres: TcpProxy; readonly temporal: TcpProxy };
  readonly pid: () => number;
  /** Starts an API process, routes the address to it and sends SIGTERM to the previous one, as a rolling restart does. */
  start(overrides?: ProcessOverrides): Promise<void>;
  /** Sends SIGKILL to the current process and waits until it has ended. */
  kill(): Promise<void>;
  /** Replaces the current process if it has ended or if it does not have the default settings. */
  ensureAlive(): Promise<void>;
  close(): Promise<void>;
}

/** Settings that replace the default settings of a process. */
export interface ProcessOverrides {
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens the proxies of the API. `start` starts the API. */
export async function openApiSlot(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logs: string;
  readonly ports: { readonly postgres: number; readonly temporal: number };
}): Promise<ApiSlot> {
  const links = {
    postgres: await openTcpProxy(options.ports.postgres),
    temporal: await openTcpProxy(options.ports.temporal),
  };
  const address = await openTcpProxy(0);
  const url = `http://127.0.0.1:${address.port}`;
  let current: { readonly process: ManagedProcess; readonly hasDefaultSettings: boolean } | undefined;

  async function start(overrides: ProcessOverrides = {}): Promise<void> {
    const before = current?.process;
    const process = await startManaged({
      kind: 'api',
      env: {
        ...options.env,
        ...throughLinks(options.env, links),
        AUTH: 'none',
        PORT: '0',
        METRICS_PORT: '0',
        ALLOWED_ORIGINS: url,
        ...overrides.env,
      },
      logFile: join(options.logs, 'api.log'),
      readyText: 'the API is listening',
    });
    const port = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(process.firstOutput())?.[1];
    if (port === undefined) throw new Error(`the API did not log its address; output: ${process.firstOutput()}`);
    address.setTarget(Number(port));
    current = { process, hasDefaultSettings: overrides.env === undefined };
    // Clients keep connections to it, and its settings may be other ones.
    await before?.kill('SIGTERM');
  }

  return {
    url,
    links,
    pid: () => current?.process.pid ?? 0,
    start,
    kill: async () => current?.process.kill('SIGKILL'),
    ensureAlive: async () => {
      if (current?.hasDefaultSettings === true && !current.process.hasEnded()) return;
      await start();
    },
    close: async () => {
      await current?.process.kill('SIGKILL');
      await Promise.all([address.close(), links.postgres.close(), links.temporal.close()]);
    },
  };
}
