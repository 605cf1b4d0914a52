import type { V1Node } from '@kubernetes/client-node';
import type { NodeKind } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';

const SIMULATED_NODE = { annotation: 'kwok.x-k8s.io/node', value: 'fake' } as const;
/** A node is about 20 kB. On a cluster with real nodes, the first page is enough. */
const NODES_A_PAGE = 50;
/** The kind of the nodes changes when an operator adds the first real node to a cluster, so rarely. */
const VALID_MS = 60_000;

/**
 * Creates a function that returns the kind of the cluster's nodes. It reads the nodes at most once a minute, and again
 * at each call while no node is ready.
 */
export function createNodeObserver({ kube, now }: { readonly kube: Kube; readonly now: () => number }) {
  let last: { readonly kind: Exclude<NodeKind, 'unknown'>; readonly atMs: number } | undefined;
  return async function observeNodes(): Promise<NodeKind> {
    if (last !== undefined && now() - last.atMs < VALID_MS) return last.kind;
    const atMs = now();
    const kind = await readNodeKind(kube);
    last = kind === 'unknown' ? undefined : { kind, atMs };
    return kind;
  };
}

/** Returns `simulated` only when every ready node is simulated: one real node is enough to serve a store. */
async function readNodeKind(kube: Kube): Promise<NodeKind> {
  let kind: NodeKind = 'unknown';
  let next: string | undefined;
  do {
    const page = { limit: NODES_A_PAGE, ...(next === undefined ? {} : { _continue: next }) };
    const { items, metadata } = await kube.call('list the nodes', () => kube.core.listNode(page));
    const ready = items.filter(isReady);
    if (ready.some((node) => !isSimulated(node))) return 'real';
    if (ready.length > 0) kind = 'simulated';
    const { _continue: token } = metadata ?? {};
    next = token || undefined;
  } while (next !== undefined);
  return kind;
}

function isReady({ status }: V1Node): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

function isSimulated({ metadata }: V1Node): boolean {
  return metadata?.annotations?.[SIMULATED_NODE.annotation] === SIMULATED_NODE.value;
}
