import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { freePorts } from '../../../temporal-dev/processes/ports.ts';
import { openStateFolder, removeStateFolder } from '../../../temporal-dev/processes/state-folder.ts';
import { auditLogOf } from '../../../temporal-dev/services/audit.ts';
import { localKubeConfig } from '../../../temporal-dev/services/cluster-objects.ts';
import { startStack } from '../../../temporal-dev/start-stack.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { removeAbandonedStacks } from '../abandoned-stacks.ts';

const FOLDER_PREFIX = 'store-platform-cluster-';

/** One request in the audit log of the API server. */
export interface AuditedRequest {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

/** A control plane with simulated nodes for one test file, which may install what other tests must not see. */
export interface PrivateCluster {
  readonly kubeconfig: string;
  readonly config: KubeConfig;
  /** Returns the requests of service accounts so far. */
  auditedRequests(): Promise<readonly AuditedRequest[]>;
  /** Folder for files of the test. It is deleted with the cluster. */
  readonly folder: string;
  /** Ends all processes of the control plane with SIGKILL. */
  kill(): Promise<void>;
  /** Starts the control plane again after `kill`, on the same ports and with the same objects. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the audit log of the stack in a state folder. */
export async function readAuditLog(stateDir: string): Promise<readonly AuditedRequest[]> {
  const lines = (await readFile(auditLogOf({ path: stateDir }), 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as AuditedRequest); // the API server writes this format
}

export async function startPrivateCluster(): Promise<PrivateCluster> {
  await removeAbandonedStacks(FOLDER_PREFIX);
  const stateDir = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const report = (message: string): void => void process.stderr.write(`[private cluster] ${message}\n`);
  const ports = await freePorts();
  const start = () =>
    startStack({
      stateDir,
      ports,
      services: { postgres: false, temporal: false, kubernetes: true },
      resolver: createToolResolver({ env: process.env, report }),
      report,
      durable: false,
      audit: true,
    });
  let stack = await start();
  const kubeconfig = stack.env['KUBECONFIG'] ?? '';
  return {
    kubeconfig,
    config: localKubeConfig(kubeconfig),
    folder: stateDir,
    auditedRequests: () => readAuditLog(stateDir),
    async kill() {
      for (const { pid } of stack.processes()) process.kill(pid, 'SIGKILL');
      await stack.stop();
    },
    async restart() {
      stack = await start();
    },
    async stop() {
      await stack.stop();
      await removeStateFolder(openStateFolder(stateDir));
    },
  };
}
