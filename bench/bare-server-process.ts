import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../test/harness/eventually.ts';
import type { PlatformEnv } from '../test/harness/platform/processes.ts';

const SERVER = fileURLToPath(new URL('bare-server.ts', import.meta.url));

/** Starts the server that selects one row. @throws Error when it does not listen within the time of `eventually`. */
export async function startBareServer(env: PlatformEnv) {
  const child = execa(process.execPath, ['--import', 'tsx', SERVER], { env: { ...env }, reject: false, all: true });
  let output = '';
  child.all.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const url = await eventually(() => /listening on (\S+)/.exec(output)?.[1]);
  return {
    url,
    kill: async (signal: 'SIGTERM') => {
      child.kill(signal);
      await child;
    },
  };
}
