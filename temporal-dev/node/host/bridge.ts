import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { StackError } from '../../stack-error.ts';
import { runHostCommand } from './host-command.ts';
import { NODE, type NodeLayout } from '../node-layout.ts';

const BRIDGE_FOLDER = `/sys/class/net/${NODE.bridge}`;
/** The pods' network must not be half of a network that the machine uses already. */
const POD_PREFIX = `${NODE.address.split('.').slice(0, 3).join('.')}.`;

/**
 * Makes the bridge that pods are attached to. It carries the node's address and, as its label, the folder of the node.
 *
 * @throws StackError when the pods' addresses are in use on this machine.
 */
export async function createBridge(layout: NodeLayout): Promise<void> {
  const conflict = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ address }) => address.startsWith(POD_PREFIX)),
  );
  if (conflict !== undefined) {
    throw new StackError(
      `The pods' addresses ${NODE.podRange} are in use by the interface ${conflict[0]}: take it down.`,
    );
  }
  await runHostCommand('ip', ['link', 'add', 'name', NODE.bridge, 'type', 'bridge']);
  await runHostCommand('ip', ['link', 'set', 'dev', NODE.bridge, 'alias', label(layout)]);
  await runHostCommand('ip', ['address', 'add', `${NODE.address}/24`, 'dev', NODE.bridge]);
  await runHostCommand('ip', ['link', 'set', 'dev', NODE.bridge, 'up']);
  // Services are reached from this machine even when it has no way to the outside.
  await runHostCommand('ip', ['route', 'add', NODE.serviceRange, 'dev', NODE.bridge]);
}

/** Whose the bridge is: ours, somebody else's, or nobody's. */
export function bridgeOwner(layout: NodeLayout): 'none' | 'ours' | { readonly other: string } {
  if (!existsSync(BRIDGE_FOLDER)) return 'none';
  const alias = readFileSync(join(BRIDGE_FOLDER, 'ifalias'), 'utf8').trim();
  return alias === label(layout) ? 'ours' : { other: alias };
}

/** Takes the bridge away, once its owner is known; what was attached to it is gone with the pods. */
export async function deleteBridge(): Promise<void> {
  if (existsSync(BRIDGE_FOLDER)) await runHostCommand('ip', ['link', 'delete', 'dev', NODE.bridge]);
}

function label(layout: NodeLayout): string {
  return layout.home.slice(-255); // the kernel's limit
}
