import { beforeEach, describe, expect, test } from '@jest/globals';
import type { V1Node } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { createNodeObserver } from './observe-nodes.ts';

interface PageQuery {
  readonly limit?: number;
  readonly _continue?: string;
}

let pages: readonly (readonly V1Node[])[];
let requests: PageQuery[];
let nowMs: number;

beforeEach(() => {
  pages = [];
  requests = [];
  nowMs = 0;
});

function node(kind: 'real' | 'simulated', ready = true): V1Node {
  const annotations = kind === 'simulated' ? { 'kwok.x-k8s.io/node': 'fake' } : {};
  return {
    metadata: { annotations },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

/** Serves `pages` one after the other. The continue token is the index of the next page. */
async function listNode(query: PageQuery) {
  requests.push(query);
  const { _continue: token = '0' } = query;
  const index = Number(token);
  const hasNext = index + 1 < pages.length;
  return { items: pages[index] ?? [], metadata: hasNext ? { _continue: String(index + 1) } : {} };
}

function observer() {
  const kube = {
    core: { listNode },
    call: <T>(_: string, request: () => Promise<T>) => request(),
  } as unknown as Kube; // the observer uses only these two members
  return createNodeObserver({ kube, now: () => nowMs });
}

describe('the kind of the nodes', () => {
  test('is real if one ready node is real', async () => {
    pages = [[node('simulated')], [node('real')]];
    expect(await observer()()).toBe('real');
  });

  test('is simulated if only simulated nodes are ready', async () => {
    pages = [[node('simulated')], [node('real', false)]];
    expect(await observer()()).toBe('simulated');
  });

  test('needs one small page on a cluster with real nodes', async () => {
    pages = [[node('real')], [node('real')], [node('real')]];
    await observer()();
    expect(requests).toEqual([{ limit: 50 }]);
  });

  test('is read once a minute', async () => {
    pages = [[node('simulated')]];
    const observe = observer();
    for (nowMs of [0, 30_000, 59_999]) await observe();
    expect(requests).toHaveLength(1);
    nowMs = 60_000;
    pages = [[node('real')]];
    expect(await observe()).toBe('real');
    expect(requests).toHaveLength(2);
  });

  test('is read at each call while no node is ready', async () => {
    pages = [[node('real', false)]];
    const observe = observer();
    expect([await observe(), await observe()]).toEqual(['unknown', 'unknown']);
    expect(requests).toHaveLength(2);
  });
});
