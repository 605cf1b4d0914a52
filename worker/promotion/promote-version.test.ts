import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import type { WorkerDeployment } from '../../temporal/worker-deployment.ts';
import { promoteVersion } from './promote-version.ts';

/** gRPC codes. */
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** A worker deployment in memory. `polled` has the missing task queues of each look; the last entry stays. */
class MemoryDeployment implements WorkerDeployment {
  current: string | undefined;
  readonly #polled: (readonly string[])[];
  readonly #failures: Error[];

  constructor({ current, polled = [[]], failures = [] }: Seed = {}) {
    this.current = current;
    this.#polled = polled.map((missing) => [...missing]);
    this.#failures = [...failures];
  }

  async currentBuildId() {
    return this.current;
  }

  async queuesWithoutWorker() {
    return (this.#polled.length > 1 ? this.#polled.shift() : this.#polled[0]) ?? [];
  }

  async makeCurrent(buildId: string | undefined) {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    this.current = buildId;
  }
}

interface Seed {
  readonly current?: string;
  readonly polled?: readonly (readonly string[])[];
  readonly failures?: readonly Error[];
}

/** The error of a gRPC call with this code. */
function grpcError(code: number, details: string): Error {
  return Object.assign(new ServiceError(details), { code, details, metadata: {} });
}

function recorder() {
  const reasons: string[] = [];
  return { reasons, log: { info: (fields: { reason?: string }) => void reasons.push(fields.reason ?? '') } as never };
}

describe('a promotion', () => {
  test('changes nothing when the version is already current, even without workers', async () => {
    const deployment = new MemoryDeployment({ current: '2', polled: [['control']] });
    const { log } = recorder();
    expect(await promoteVersion(deployment, { buildId: '2', timeoutMs: 0, log })).toEqual({ kind: 'alreadyCurrent' });
  });

  test('waits until workers of the version poll all task queues', async () => {
    const deployment = new MemoryDeployment({ current: '1', polled: [['control', 'helm'], ['helm'], []] });
    const { log, reasons } = recorder();
    const promotion = await promoteVersion(deployment, { buildId: '2', timeoutMs: 60_000, log });
    expect(promotion).toEqual({ kind: 'promoted', previous: '1' });
    expect(deployment.current).toBe('2');
    expect(reasons).toEqual(['no worker polls control, helm', 'no worker polls helm']);
  });

  test('changes nothing when the time is over, and says what is missing', async () => {
    const deployment = new MemoryDeployment({ current: '1', polled: [['helm']] });
    const { log } = recorder();
    const promotion = await promoteVersion(deployment, { buildId: '2', timeoutMs: 50, log });
    expect(promotion).toEqual({ kind: 'timedOut', reason: 'no worker polls helm' });
    expect(deployment.current).toBe('1');
  });

  test('goes back to workers without a version', async () => {
    const deployment = new MemoryDeployment({ current: '1' });
    const { log } = recorder();
    const promotion = await promoteVersion(deployment, { buildId: undefined, timeoutMs: 0, log });
    expect(promotion).toEqual({ kind: 'promoted', previous: '1' });
    expect(deployment.current).toBeUndefined();
  });

  test.each([
    [FAILED_PRECONDITION, 'the version lacks a task queue of the current version'],
    [UNAVAILABLE, 'the server is starting'],
  ])('repeats a change that Temporal answers with code %s', async (code, details) => {
    const deployment = new MemoryDeployment({ current: '1', failures: [grpcError(code, details)] });
    const { log, reasons } = recorder();
    expect(await promoteVersion(deployment, { buildId: '2', timeoutMs: 60_000, log })).toMatchObject({
      kind: 'promoted',
    });
    expect(reasons).toEqual([`Temporal answered: ${details}`]);
  });

  test('fails at once when the role in Temporal does not suffice', async () => {
    const deployment = new MemoryDeployment({ failures: [grpcError(PERMISSION_DENIED, 'denied')] });
    const { log } = recorder();
    await expect(promoteVersion(deployment, { buildId: '2', timeoutMs: 60_000, log })).rejects.toThrow('denied');
  });
});
