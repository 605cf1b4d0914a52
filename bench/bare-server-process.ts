import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { Pool } from 'undici';
import { eventually } from '../test/harness/eventually.ts';
import type { PlatformEnv } from '../test/harness/platform/processes.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const SERVER = fileURLToPath(new URL('bare-server.ts', import.meta.url));

/** The baseline of requests, in a process of its own like the API. */
export interface BareServer {
  /** Sends a request and reads the response. @throws Error for an error response. */
  send(method: 'GET' | 'POST', path: string, body?: object): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the baseline of requests. @throws Error when it does not listen within the time of `eventually`. */
export async function startBareServer(env: PlatformEnv): Promise<BareServer> {
  const child = execa(process.execPath, ['--import', 'tsx', SERVER], { env: { ...env }, reject: false, all: true });
  let output = '';
  child.all.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const url = await eventually(() => /listening on (\S+)/.exec(output)?.[1]);
  const http = new Pool(url, { keepAliveTimeout: 60_000 });

  async function send(method: 'GET' | 'POST', path: string, body?: object): Promise<void> {
    const sent = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
    const response = await http.request({ method, path, ...sent });
    if (response.statusCode >= 300) throw new Error(`${path}: ${response.statusCode} ${await response.body.text()}`);
    await response.body.json();
  }

  async function stop(): Promise<void> {
    await http.close();
    child.kill('SIGTERM');
    await child;
  }

  return { send, stop };
}
