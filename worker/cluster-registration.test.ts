import { expect, test } from '@jest/globals';
import { StoreError } from '../domain/failure.ts';
import type { ClusterFacts } from '../domain/ports/cluster-records.ts';
import { clusterRegistration } from './cluster-registration.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const facts: ClusterFacts = { uid: 'a', address: 'https://10.0.0.1:6443', kubernetesVersion: 'v1.36.1', nodes: 'real' };

/** Registers a cluster whose Kubernetes API gives this answer, and returns what was recorded. */
async function recordedFor(answer: ClusterFacts | Error): Promise<readonly unknown[]> {
  const recorded: unknown[] = [];
  const register = clusterRegistration({
    name: 'eu-1',
    describe: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
    registry: {
      uidOf: async () => null,
      recordAnswer: async (...args) => void recorded.push(args),
      recordSilence: async (name) => void recorded.push(`${name} is silent`),
    },
    now: () => NOW,
  });
  await register();
  return recorded;
}

test('records what the Kubernetes API says', async () => {
  expect(await recordedFor(facts)).toEqual([['eu-1', facts, NOW]]);
});

test('records that the Kubernetes API does not answer', async () => {
  expect(await recordedFor(new StoreError('CLUSTER_UNAVAILABLE', 'no answer'))).toEqual(['eu-1 is silent']);
});

test('does not take an unexpected error for a cluster that does not answer', async () => {
  await expect(recordedFor(new TypeError('a bug'))).rejects.toThrow('a bug');
});
