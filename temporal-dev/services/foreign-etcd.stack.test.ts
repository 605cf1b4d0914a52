import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeAll } from '../../test/harness/close-all.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { freePorts, type Ports } from '../processes/ports.ts';
import { openStateFolder, type StateFolder } from '../processes/state-folder.ts';
import { createSupervisor, type ProcessSpec, type Supervisor } from '../processes/supervisor.ts';
import { createToolResolver } from '../tools/tool-resolver.ts';
import { startControlPlane } from './kubernetes.ts';

/** First byte of a TLS connection. An HTTP request, also one of HTTP/2, begins with a letter. */
const TLS_HANDSHAKE = 0x16;

let folder: StateFolder;
let ports: Ports;
let supervisor: Supervisor;
let foreign: Server;
const firstBytes: number[] = [];
const abort = new AbortController();

beforeAll(async () => {
  folder = openStateFolder(mkdtempSync(join(tmpdir(), 'foreign-etcd-')));
  ports = await freePorts();
  supervisor = createSupervisor(folder);
  foreign = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      firstBytes.push(data[0] ?? 0);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => void foreign.listen(ports.etcd, '127.0.0.1', resolve));
});
afterAll(() =>
  closeAll(
    async () => abort.abort(),
    () => supervisor.stopAll(),
    () => new Promise((resolve) => foreign.close(resolve)),
    async () => rmSync(folder.path, { recursive: true }),
  ),
);

test('the API server sends no request to another etcd that answers on the port of its own one', async () => {
  const { 'kube-apiserver': program } = await createToolResolver({
    env: process.env,
    report: () => undefined,
  }).resolveAll(['kube-apiserver']);
  // Its own etcd has ended, and another one has taken the port.
  const start = async (spec: ProcessSpec): Promise<void> => {
    if (spec.name !== 'etcd') await supervisor.start(spec, abort.signal);
  };
  const starting = startControlPlane({
    supervisor: { ...supervisor, start },
    folder,
    ports,
    toolPath: () => program.path,
    signal: abort.signal,
    durable: false,
    report: () => undefined,
  });
  const refused = expect(starting).rejects.toThrow(); // when the test aborts it
  await eventually(() => firstBytes.length >= 2, { deadlineMs: 60_000 });
  expect(new Set(firstBytes)).toEqual(new Set([TLS_HANDSHAKE]));
  abort.abort();
  await refused;
});
