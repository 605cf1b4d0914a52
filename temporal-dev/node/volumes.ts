import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plainEnvironment } from '../service.ts';
import type { ProcessSpec } from '../supervisor.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

/** Where the provisioner runs the short-lived pods that make and remove folders. */
export const VOLUME_NAMESPACE = 'local-path-storage';
const CONFIG_MAP = 'local-path-config';

/** What a volume is made of: a folder that any user of a pod may write to, and that goes with the claim. */
export function volumeConfig(layout: NodeLayout): {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
} {
  const helperPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'helper-pod',
          image: NODE.sandboxImage,
          imagePullPolicy: 'Never',
          securityContext: { runAsUser: 0 },
        },
      ],
    },
  };
  return {
    name: CONFIG_MAP,
    data: {
      'config.json': JSON.stringify({
        nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [layout.volumes] }],
      }),
      setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
      'helperPod.yaml': JSON.stringify(helperPod, undefined, 2),
    },
  };
}

/** local-path-provisioner as a plain process. */
export async function volumeProvisionerSpec(input: {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly kubeconfig: string;
}): Promise<ProcessSpec> {
  const { layout } = input;
  const { data } = volumeConfig(layout);
  const files = join(layout.config, 'local-path');
  await mkdir(files, { recursive: true });
  await mkdir(layout.volumes, { recursive: true });
  for (const [name, content] of Object.entries(data)) await writeFile(join(files, name), content);
  return {
    name: 'local-path-provisioner',
    command: input.command,
    args: [
      'start',
      `--config=${join(files, 'config.json')}`,
      `--kubeconfig=${input.kubeconfig}`,
      `--namespace=${VOLUME_NAMESPACE}`,
      `--configmap-name=${CONFIG_MAP}`,
      '--service-account-name=default',
      `--helper-image=${NODE.sandboxImage}`,
      `--helper-pod-file=${join(files, 'helperPod.yaml')}`,
    ],
    env: { ...plainEnvironment(), KUBECONFIG: input.kubeconfig },
    probe: () => Promise.resolve(), // it serves nothing that could be asked; a claim waits for it, and says so
    readyDeadlineMs: 10_000,
  };
}
