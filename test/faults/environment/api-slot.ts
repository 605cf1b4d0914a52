import { join } from 'node:path';
import { startManaged, type ManagedProcess } from './managed-process.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { throughLinks } from './through-links.ts';

/** The API behind an address that stays, whichever process answers there. */
export interface ApiSlot {
  readonly url: string;
  readonly links: { readonly postgres: TcpProxy; readonly temporal: TcpProxy };
  readonly pid: () => number;
  /** Starts an API with other settings and has it answer; the one before it is left running. */
  start(extra?: SlotExtra): Promise<void>;
  kill(): Promise<void>;
  /** Starts a second API, has it answer, and asks the first one to end: as a rolling restart does. */
  roll(): Promise<void>;
  /** Puts one that has the usual settings in the place of one that is gone or has others. */
  ensureAlive(): Promise<void>;
  close(): Promise<void>;
}

/** How a process differs from the usual one. */
export interface SlotExtra {
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens the way to an API that is yet to be started. */
export async function openApiSlot(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logs: string;
  readonly ports: { readonly postgres: number; readonly temporal: number };
}): Promise<ApiSlot> {
  const links = {
    postgres: await openTcpProxy(options.ports.postgres),
    temporal: await openTcpProxy(options.ports.temporal),
  };
  const front = await openTcpProxy(0);
  let current: { readonly process: ManagedProcess; readonly isUsual: boolean } | undefined;

  async function start(extra: SlotExtra = {}): Promise<void> {
    const process = await startManaged({
      kind: 'api',
      env: { ...options.env, ...throughLinks(options.env, links), PORT: '0', ...extra.env },
      logFile: join(options.logs, 'api.log'),
      saysWhenReady: 'the API is listening',
    });
    const port = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(process.beginning())?.[1];
    if (port === undefined) throw new Error(`the API told no address: ${process.beginning()}`);
    front.setTarget(Number(port));
    current = { process, isUsual: extra.env === undefined };
  }

  async function roll(): Promise<void> {
    const before = current?.process;
    await start();
    await before?.kill('SIGTERM');
  }

  return {
    url: `http://127.0.0.1:${front.port}`,
    links,
    pid: () => current?.process.pid ?? 0,
    start,
    roll,
    kill: async () => current?.process.kill('SIGKILL'),
    ensureAlive: async () => {
      if (current?.isUsual === true && !current.process.hasEnded()) return;
      await roll();
    },
    close: async () => {
      await current?.process.kill('SIGKILL');
      await Promise.all([front.close(), links.postgres.close(), links.temporal.close()]);
    },
  };
}
