import { existsSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { adminPath, runHostCommand } from './host/host-command.ts';
import { NODE, nodeLayout, type NodeLayout } from './node-layout.ts';
import { findHostPrograms, type HostPrograms } from './host/requirements.ts';

/** What the kernel allows in the address of a Unix socket, less the ending of the one that lies beside ours. */
const MAX_SOCKET_PATH = 107 - '.ttrpc'.length;
/** Unpacking an image of a gigabyte takes half a minute on a slow disk. */
const IMPORT_TIMEOUT_MS = 10 * 60_000;
/** Kubernetes' own namespace in containerd. */
const CONTAINERD_NAMESPACE = 'k8s.io';

/**
 * A containerd of our own: root, state and socket lie in the state folder, so that it never meets another one.
 *
 * @throws StackError when the state folder's path is too long for a socket.
 */
export async function containerdSpec(layout: NodeLayout, programs: HostPrograms): Promise<ProcessSpec> {
  if (Buffer.byteLength(layout.containerdSocket) > MAX_SOCKET_PATH) {
    throw new StackError(`${layout.home} is too long a path for sockets: set STORE_PLATFORM_STATE to a shorter one.`);
  }
  const configFile = join(layout.config, 'containerd.toml');
  await mkdir(layout.config, { recursive: true });
  await mkdir(layout.cniConfig, { recursive: true });
  await writeFile(configFile, containerdConfig(layout, programs));
  await writeFile(
    join(layout.cniConfig, '10-store-platform.conflist'),
    JSON.stringify(podNetwork(layout), undefined, 2),
  );
  return {
    name: 'containerd',
    command: programs.containerd,
    args: ['--config', configFile],
    env: { PATH: adminPath() },
    probe: async () => {
      await runHostCommand(programs.ctr, ['--address', layout.containerdSocket, 'version'], { timeoutMs: 5_000 });
    },
    readyDeadlineMs: 60_000,
  };
}

/** Version 2 of the file is read by containerd 1.x, and turned into version 3 by containerd 2.x. */
function containerdConfig(layout: NodeLayout, { cniPlugins }: HostPrograms): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${tomlString(layout.containerdRoot)}
state = ${tomlString(join(layout.containerdState, 'containerd'))}
# Its plugin keeps a folder in /opt otherwise.
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = ${tomlString(layout.containerdSocket)}
[${cri}]
  sandbox_image = ${tomlString(NODE.sandboxImage)}
  # Without the capability to raise its priority for the OOM killer, a sandbox can't start; this asks for less.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
[${cri}.cni]
  bin_dir = ${tomlString(cniPlugins)}
  conf_dir = ${tomlString(layout.cniConfig)}
[${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  Root = ${tomlString(join(layout.containerdState, 'runc'))}
  SystemdCgroup = false
`;
}

function tomlString(value: string): string {
  return JSON.stringify(value); // a basic string of TOML is one of JSON
}

/** Address translation is not asked for here: one firewall rule of ours does it for all pods, and leaves with us. */
function podNetwork(layout: NodeLayout): object {
  return {
    cniVersion: '0.4.0',
    name: NODE.network,
    plugins: [
      {
        type: 'bridge',
        bridge: NODE.bridge,
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: NODE.podRange, gateway: NODE.address }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(layout.containerdState, 'addresses'),
        },
      },
    ],
  };
}

/**
 * Makes the images of a docker-archive or OCI tar available to the pods of a running node. Importing the same tar again
 * changes nothing. The names are those in the tar; a name without a registry counts as one of Docker Hub, so pods find it
 * under the same short name.
 *
 * @throws StackError when no node of this state folder runs, or the tar is none.
 */
export async function importImage(input: { readonly stateDir: string; readonly archive: string }): Promise<void> {
  await runCtr(input.stateDir, ['images', 'import', input.archive]);
}

/** Full names of the images that a running node holds. @throws StackError when no node of this state folder runs. */
export async function listImages(stateDir: string): Promise<readonly string[]> {
  return linesOf(await runCtr(stateDir, ['images', 'list', '--quiet']));
}

/**
 * Makes a running node forget every image but those that its own sandboxes stand on, as if it had never met a store.
 *
 * @throws StackError when no node of this state folder runs, or it has containers: what they stand on would stay.
 */
export async function forgetImages(stateDir: string): Promise<void> {
  const containers = linesOf(await runCtr(stateDir, ['containers', 'list', '--quiet']));
  if (containers.length > 0) throw new StackError(`The node still has ${containers.length} containers.`);
  const [, ...lines] = linesOf(await runCtr(stateDir, ['images', 'list']));
  const images = lines.map((line) => {
    const [name = '', , digest = ''] = line.split(/\s+/);
    return { name, digest };
  });
  // The same image has several names, one of them its configuration's digest: as long as one is left, so is its content.
  const sandbox = images.find(({ name }) => name === NODE.sandboxImage)?.digest;
  const others = images.filter(({ digest }) => digest !== sandbox).map(({ name }) => name);
  if (others.length > 0) await runCtr(stateDir, ['images', 'remove', '--sync', ...others]);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(Boolean);
}

async function runCtr(stateDir: string, args: readonly string[]): Promise<string> {
  const layout = nodeLayout(realpathSync(stateDir));
  if (!existsSync(layout.containerdSocket)) {
    throw new StackError(`No node runs on ${stateDir}: start it with "npm start -- --cluster node".`);
  }
  const { ctr } = findHostPrograms();
  const ours = ['--address', layout.containerdSocket, '--namespace', CONTAINERD_NAMESPACE];
  return runHostCommand(ctr, [...ours, ...args], { timeoutMs: IMPORT_TIMEOUT_MS });
}
