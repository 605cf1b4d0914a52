import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('./node-stack-host.ts', import.meta.url));

/** The servers beside the node. */
type NodeStackKind = 'cluster' | 'platform' | 'https-platform' | 'in-cluster';

/** A control plane with a real node, in a separate process. */
export interface NodeStack {
  readonly env: Readonly<Record<string, string>>;
  /** Stops the stack as a user does. @throws Error if it could not restore the machine. */
  stop(): Promise<void>;
  /** Kills the process with SIGKILL, so that it cannot stop its services. */
  kill(): Promise<void>;
}

type Message =
  | { readonly kind: 'ready'; readonly env: Record<string, string> }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Starts a control plane with a real node.
 *
 * @param what `platform` adds Postgres, Temporal, the workflow bundle and the store images, for API and worker processes. `https-platform`
 *   also serves the stores over https, to pods as well. `in-cluster` adds Postgres, Temporal and the store images for a platform in pods, and an audit log.
 * @throws Error if the stack does not start.
 */
export async function startNodeStack(stateDir: string, what: NodeStackKind = 'cluster'): Promise<NodeStack> {
  const host = spawn(process.execPath, ['--import', 'tsx', HOST, stateDir, what], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(host, 'exit');
  const message = await new Promise<Message>((resolve, reject) => {
    host.once('message', (value) => resolve(value as Message)); // sent by node-stack-host.ts
    host.once('error', reject);
    host.once('exit', (code) =>
      reject(new Error(`the process of the node ended with code ${code} before the node was ready`)),
    );
  });
  if (message.kind === 'failed') throw new Error(message.reason);
  return {
    env: message.env,
    async stop() {
      host.disconnect();
      await ended;
      if (host.exitCode !== 0)
        throw new Error(`the process of the node ended with code ${host.exitCode} after the stop`);
    },
    async kill() {
      host.kill('SIGKILL');
      await ended;
    },
  };
}
