import { existsSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { adminPath, runHostCommand } from './host/host-command.ts';
import { NODE, nodeLayout, type NodeLayout } from './node-layout.ts';
import { findHostPrograms, type HostPrograms } from './host/requirements.ts';

/** The kernel's limit for a Unix socket path, minus the suffix of the second socket that containerd creates. */
const MAX_SOCKET_PATH = 107 - '.ttrpc'.length;
/** Unpacking an image of a gigabyte takes half a minute on a slow disk. */
const IMPORT_TIMEOUT_MS = 10 * 60_000;
/** The containerd namespace of Kubernetes. */
const CONTAINERD_NAMESPACE = 'k8s.io';

/**
 * Returns the process of a separate containerd. Its root, state and socket are in the state folder, so that it does not
 * interfere with another containerd of this machine.
 *
 * @throws StackError when the path of the state folder is too long for a socket.
 */
export async function containerdSpec(layout: NodeLayout, programs: HostPrograms): Promise<ProcessSpec> {
  if (Buffer.byteLength(layout.containerdSocket) > MAX_SOCKET_PATH) {
    throw new StackError(
      `The path ${layout.home} is too long for a Unix socket: set STORE_PLATFORM_STATE to a shorter path.`,
    );
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
    ports: [],
    probe: async () => {
      await runHostCommand(programs.ctr, ['--address', layout.containerdSocket, 'version'], { timeoutMs: 5_000 });
    },
    readyDeadlineMs: 60_000,
  };
}

/** containerd 1.x reads version 2 of the file. containerd 2.x converts it to version 3. */
function containerdConfig(layout: NodeLayout, { cniPlugins }: HostPrograms): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${tomlString(layout.containerdRoot)}
state = ${tomlString(join(layout.containerdState, 'containerd'))}
# Otherwise this plugin creates a folder in /opt.
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = ${tomlString(layout.containerdSocket)}
[${cri}]
  sandbox_image = ${tomlString(NODE.sandboxImage)}
  # Without CAP_SYS_RESOURCE a sandbox can't lower its OOM score and fails to start. This limits the score to an allowed value.
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
  return JSON.stringify(value); // a JSON string is a valid TOML basic string
}

/** Sets no `ipMasq`: one rule of `addFirewallRules` does it for all pods, and `cleanHost` removes that rule. */
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
 * Imports the images of a docker-archive or OCI tar into a running node. A second import of the same tar changes
 * nothing. The tar contains the image names. A name without a registry counts as a Docker Hub name, so pods find the
 * image under the same short name.
 *
 * @throws StackError when no node of this state folder runs, or the file is not an image archive.
 */
export async function importImage(input: { readonly stateDir: string; readonly archive: string }): Promise<void> {
  await runCtr(input.stateDir, ['images', 'import', input.archive]);
}

/**
 * Returns the full names of all images of a running node.
 *
 * @throws StackError when no node of this state folder runs.
 */
export async function listImages(stateDir: string): Promise<readonly string[]> {
  return linesOf(await runCtr(stateDir, ['images', 'list', '--quiet']));
}

/**
 * Deletes all images of a running node except the sandbox image.
 *
 * @throws StackError when no node of this state folder runs, or when it has containers: their images can't be deleted.
 */
export async function forgetImages(stateDir: string): Promise<void> {
  const containers = linesOf(await runCtr(stateDir, ['containers', 'list', '--quiet']));
  if (containers.length > 0)
    throw new StackError(
      `The node has ${containers.length} containers, so its images can't be deleted: delete the pods first.`,
    );
  const [, ...lines] = linesOf(await runCtr(stateDir, ['images', 'list']));
  const images = lines.map((line) => {
    const [name = '', , digest = ''] = line.split(/\s+/);
    return { name, digest };
  });
  // An image has several names, one of them the digest of its configuration. Its content stays until the last name is
  // deleted.
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
    throw new StackError(`No node runs on the state folder ${stateDir}: start it with "npm start -- --cluster node".`);
  }
  const { ctr } = findHostPrograms();
  const options = ['--address', layout.containerdSocket, '--namespace', CONTAINERD_NAMESPACE];
  return runHostCommand(ctr, [...options, ...args], { timeoutMs: IMPORT_TIMEOUT_MS });
}
