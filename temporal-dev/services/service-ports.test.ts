import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePorts, portNeed, type PortName, type Ports } from '../processes/ports.ts';
import { openStateFolder, type StateFolder } from '../processes/state-folder.ts';
import { createSupervisor, type ProcessSpec, type Supervisor } from '../processes/supervisor.ts';
import type { ServiceContext } from '../service.ts';
import { startControlPlane } from './kubernetes.ts';
import { startTemporal } from './temporal.ts';

const CONTROL_PLANE = ['etcd', 'etcdPeer', 'kubernetes', 'controllerManager', 'scheduler'] as const;
const TEMPORAL = ['temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'] as const;

let ports: Ports;
let folder: StateFolder;
let supervisor: Supervisor;
let foreign: Server;
beforeEach(async () => {
  folder = openStateFolder(mkdtempSync(join(tmpdir(), 'service-ports-')));
  ports = await freePorts();
  supervisor = createSupervisor(folder);
  foreign = createServer();
});
afterEach(async () => {
  foreign.close();
  await supervisor.stopAll();
  rmSync(folder.path, { recursive: true });
});

/** Returns a context in which `start` takes the place of the supervisor. */
function contextWith(start: (spec: ProcessSpec) => Promise<void>): ServiceContext {
  const { signal } = new AbortController();
  const context = { folder, ports, toolPath: String, signal, durable: false, report: () => undefined };
  return { ...context, supervisor: { ...supervisor, start } };
}

async function startAll(context: ServiceContext): Promise<void> {
  await startControlPlane(context);
  await startTemporal(context, { namespace: 'default', fairness: true });
}

/** Returns the specifications of all processes, none of which is started. */
async function specsOfAll(): Promise<readonly ProcessSpec[]> {
  const specs: ProcessSpec[] = [];
  await startAll(contextWith(async (spec) => void specs.push(spec)));
  return specs;
}

describe('a process of the stack', () => {
  test('owns the ports that it listens on, and each port has one owner', async () => {
    const owned = (await specsOfAll()).flatMap((spec) => spec.ports.map(({ variable }) => variable));
    const expected = [...CONTROL_PLANE, ...TEMPORAL].map((name) => portNeed(ports, name).variable);
    expect(owned.toSorted((a, b) => a.localeCompare(b))).toEqual(expected.toSorted((a, b) => a.localeCompare(b)));
  });

  test.each<PortName>([...CONTROL_PLANE, ...TEMPORAL])(
    'is not started when another process takes the port %s right before, and the error names port, process and variable',
    async (name) => {
      const { port, purpose, variable } = portNeed(ports, name);
      const { signal } = new AbortController();
      const starting = startAll(
        contextWith(async (spec) => {
          if (!spec.ports.some((need) => need.port === port)) return; // it would have started
          await new Promise<void>((resolve) => void foreign.listen(port, '127.0.0.1', resolve));
          await supervisor.start(spec, signal);
        }),
      );
      await expect(starting).rejects.toThrow(
        new RegExp(
          `^Port ${port} for ${purpose} is in use by \\S+ \\(process ${process.pid}\\): stop .*, or set ${variable} to a free port\\.$`,
        ),
      );
      expect(supervisor.processes()).toEqual([]);
    },
  );
});

test('kube-controller-manager may send more requests than by default, so that the claims of a burst of stores are bound in time', async () => {
  const controllers = (await specsOfAll()).find(({ name }) => name === 'kube-controller-manager');
  const valueOf = (flag: string) =>
    Number(controllers?.args.find((each) => each.startsWith(`--${flag}=`))?.slice(flag.length + 3));
  // 300 stores with two claims each: with 20 requests per second, the default, the last one would wait for minutes.
  expect(valueOf('kube-api-qps')).toBeGreaterThanOrEqual(300);
  expect(valueOf('kube-api-burst')).toBeGreaterThanOrEqual(valueOf('kube-api-qps'));
});
