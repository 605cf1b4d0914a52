import { existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, StackError } from '../../stack-error.ts';
import { bridgeOwner, deleteBridge } from './bridge.ts';
import { removeNodeCgroups } from './cgroups.ts';
import { removeFirewallRules } from './firewall.ts';
import { hasHostRecord, restoreHost } from './host-record.ts';
import { requireNoMountBelow, unmountBelow } from './mounts.ts';
import { NODE, nodeLayout, type NodeLayout } from '../node-layout.ts';
import { killContainers, readFolder, readOrEmpty } from '../workloads.ts';

/** The network plugins' memory of what they did for each container. */
const CNI_RESULTS = '/var/lib/cni/results';

/**
 * Puts the machine back as it was before a node of this state folder ran: no process of a pod, mount, interface, firewall
 * rule or control group is left. Data (volumes, images) stay. For after a stop, and for after a crash: does nothing where
 * there is nothing to do. The node's own programs must have ended.
 *
 * @throws StackError that names everything that could not be put back; what could, was.
 */
export async function cleanHost(stateDir: string): Promise<void> {
  if (!existsSync(stateDir)) return;
  const layout = nodeLayout(realpathSync(stateDir));
  if (!hasHostRecord(layout)) return;
  await requireNoOtherNode(layout);
  await removeTraces(layout);
  // Only now: as long as something is left, the record makes the next start or stop try again.
  restoreHost(layout);
}

/**
 * Makes sure that no node of another state folder is on this machine. What is left of one whose folder is gone is removed,
 * since nobody else can.
 *
 * @throws StackError that says where the other node is and what to do.
 */
export async function requireNoOtherNode(layout: NodeLayout): Promise<void> {
  const owner = bridgeOwner(layout);
  if (typeof owner === 'string') return;
  const stateDir = dirname(owner.other);
  if (owner.other !== '' && !existsSync(owner.other)) return removeTraces(nodeLayout(stateDir));
  throw new StackError(
    `The interface ${NODE.bridge} belongs to the node of ${stateDir}, and a machine runs one such node: stop that one. If ` +
      `it was killed, start and stop it there once more, or run "STORE_PLATFORM_STATE=${stateDir} npm run reset".`,
  );
}

/** Every step is tried, whatever becomes of the others. */
async function removeTraces(layout: NodeLayout): Promise<void> {
  const problems: string[] = [];
  for (const step of [
    () => killContainers(layout),
    () => unmountBelow(layout.home),
    async () => removeContainerState(layout),
    () => removeFirewallRules(),
    () => deleteBridge(),
    () => removeNodeCgroups(),
  ]) {
    try {
      await step();
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  if (problems.length > 0) throw new StackError(`The node could not be cleaned up completely:\n${problems.join('\n')}`);
}

function removeContainerState(layout: NodeLayout): void {
  // Removing a folder through a mount would remove what is mounted.
  requireNoMountBelow(layout.containerdState);
  for (const name of readFolder(CNI_RESULTS)) {
    const path = join(CNI_RESULTS, name);
    // A result names the network namespace that it is about; ours lie in the state folder.
    if (readOrEmpty(path).includes(`"${layout.containerdState}/`)) rmSync(path, { force: true });
  }
  rmSync(layout.containerdState, { recursive: true, force: true });
}
