import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('./node-stack-host.ts', import.meta.url));

/** A control plane with a real node, in a process of its own. */
export interface NodeStack {
  readonly env: Readonly<Record<string, string>>;
  /** Stops it as a user does. @throws Error when it could not put the machine back. */
  stop(): Promise<void>;
  /** Kills its process, so that it can't stop anything. */
  kill(): Promise<void>;
}

type Message =
  | { readonly kind: 'ready'; readonly env: Record<string, string> }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * @param what `platform`: with Postgres, Temporal, the workflow bundle and the images of stores, for processes of the platform.
 * @throws Error when it does not come up.
 */
export async function startNodeStack(stateDir: string, what: 'cluster' | 'platform' = 'cluster'): Promise<NodeStack> {
  const host = spawn(process.execPath, ['--import', 'tsx', HOST, stateDir, what], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(host, 'exit');
  const message = await new Promise<Message>((resolve, reject) => {
    host.once('message', (value) => resolve(value as Message)); // sent by node-stack-host.ts
    host.once('error', reject);
    host.once('exit', (code) => reject(new Error(`the node's process ended with code ${code} before it was up`)));
  });
  if (message.kind === 'failed') throw new Error(message.reason);
  return {
    env: message.env,
    async stop() {
      host.disconnect();
      await ended;
      if (host.exitCode !== 0) throw new Error(`the node stopped with code ${host.exitCode}`);
    },
    async kill() {
      host.kill('SIGKILL');
      await ended;
    },
  };
}
