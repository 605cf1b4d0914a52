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

/** The CNI plugins store their result for each container here. */
const CNI_RESULTS = '/var/lib/cni/results';

/**
 * Restores the machine to its state before the node of this state folder ran. Removes its pod processes, mounts,
 * interfaces, firewall rules and cgroups. Data (volumes and images) stay. Runs after a stop and after a crash, and does
 * nothing when the machine is clean. The programs of the node must have exited.
 *
 * @throws StackError that lists every step that failed. All other steps are done.
 */
export async function cleanHost(stateDir: string): Promise<void> {
  if (!existsSync(stateDir)) return;
  const layout = nodeLayout(realpathSync(stateDir));
  if (!hasHostRecord(layout)) return;
  await requireNoOtherNode(layout);
  await removeLeftovers(layout);
  // Last, because the record makes the next start or stop retry a cleanup that failed.
  restoreHost(layout);
}

/**
 * Checks that this machine runs no node of another state folder. Removes the leftovers of a node whose state folder was
 * deleted, because nothing else can remove them.
 *
 * @throws StackError that names the state folder of the other node and says what to do.
 */
export async function requireNoOtherNode(layout: NodeLayout): Promise<void> {
  const owner = bridgeOwner(layout);
  if (typeof owner === 'string') return;
  const stateDir = dirname(owner.other);
  if (owner.other !== '' && !existsSync(owner.other)) return removeLeftovers(nodeLayout(stateDir));
  throw new StackError(
    `The interface ${NODE.bridge} belongs to the node of the state folder ${stateDir}, and a machine can run only one node: stop ` +
      `that node. If it was killed, start and stop it again, or run "STORE_PLATFORM_STATE=${stateDir} npm run reset".`,
  );
}

/** Runs every step, even when another step fails. */
async function removeLeftovers(layout: NodeLayout): Promise<void> {
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
  if (problems.length > 0)
    throw new StackError(
      `The cleanup of the node in ${layout.home} failed. Fix these problems and start again:\n${problems.join('\n')}`,
    );
}

function removeContainerState(layout: NodeLayout): void {
  // `rm` through a mount would delete the mounted files.
  requireNoMountBelow(layout.containerdState);
  for (const name of readFolder(CNI_RESULTS)) {
    const path = join(CNI_RESULTS, name);
    // A result contains the path of its network namespace. Those of this node are in the state folder.
    if (readOrEmpty(path).includes(`"${layout.containerdState}/`)) rmSync(path, { force: true });
  }
  rmSync(layout.containerdState, { recursive: true, force: true });
}
