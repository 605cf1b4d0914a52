import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { StackError } from '../../stack-error.ts';
import { runHostCommand } from './host-command.ts';
import { NODE, type NodeLayout } from '../node-layout.ts';

const BRIDGE_FOLDER = `/sys/class/net/${NODE.bridge}`;
/** No interface of the machine may already use an address of the pod network. */
const POD_PREFIX = `${NODE.address.split('.').slice(0, 3).join('.')}.`;

/**
 * Creates the bridge of the pods. It has the node's address, and its alias is the path of the node's folder.
 *
 * @throws StackError when an interface of this machine uses an address of the pod range.
 */
export async function createBridge(layout: NodeLayout): Promise<void> {
  const conflict = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ address }) => address.startsWith(POD_PREFIX)),
  );
  if (conflict !== undefined) {
    throw new StackError(
      `The interface ${conflict[0]} uses an address of the pod range ${NODE.podRange}: delete the interface and start again.`,
    );
  }
  await runHostCommand('ip', ['link', 'add', 'name', NODE.bridge, 'type', 'bridge']);
  await runHostCommand('ip', ['link', 'set', 'dev', NODE.bridge, 'alias', label(layout)]);
  await runHostCommand('ip', ['address', 'add', `${NODE.address}/24`, 'dev', NODE.bridge]);
  await runHostCommand('ip', ['link', 'set', 'dev', NODE.bridge, 'up']);
  // With this route, Services are reachable from a machine without a default route.
  await runHostCommand('ip', ['route', 'add', NODE.serviceRange, 'dev', NODE.bridge]);
}

/** Returns the owner of the bridge: no bridge, this node, or the folder of another node. */
export function bridgeOwner(layout: NodeLayout): 'none' | 'this-node' | { readonly other: string } {
  if (!existsSync(BRIDGE_FOLDER)) return 'none';
  const alias = readFileSync(join(BRIDGE_FOLDER, 'ifalias'), 'utf8').trim();
  return alias === label(layout) ? 'this-node' : { other: alias };
}

/** Deletes the bridge if it exists. Callers check its owner first. The pod interfaces are gone with their pods. */
export async function deleteBridge(): Promise<void> {
  if (existsSync(BRIDGE_FOLDER)) await runHostCommand('ip', ['link', 'delete', 'dev', NODE.bridge]);
}

function label(layout: NodeLayout): string {
  return layout.home.slice(-255); // the kernel limits an alias to 255 bytes
}
