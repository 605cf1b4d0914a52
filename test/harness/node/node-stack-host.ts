import { join } from 'node:path';
import { realNode } from '../../../temporal-dev/node/start-node.ts';
import { defaultImagesFolder } from '../../../temporal-dev/node/store-images.ts';
import { messageOf } from '../../../temporal-dev/stack-error.ts';
import { startStack } from '../../../temporal-dev/start-stack.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { writeWorkflowBundle } from '../../../worker/workflow-bundle.ts';
import { compilePlatform } from '../platform/compiled-platform.ts';

/**
 * The process that owns a control plane and a real node for a test. It stops both when its parent disconnects or exits, and a
 * test can kill it like a user's process.
 */
const [stateDir, what] = process.argv.slice(2);
if (stateDir === undefined)
  throw new Error('usage: node-stack-host.ts STATE_FOLDER [cluster | platform | https-platform | in-cluster]');

const isHttps = what === 'https-platform';
const isPlatform = what === 'platform' || isHttps;
const isInCluster = what === 'in-cluster';
const hasServices = isPlatform || isInCluster;
const abort = new AbortController();
const asked = new Promise<void>((resolve) => process.once('disconnect', resolve));
void asked.then(() => abort.abort());

try {
  const stack = await startStack({
    stateDir,
    ports: 'free',
    services: { postgres: hasServices, temporal: hasServices, kubernetes: true },
    nodes: realNode({
      imagesFolder: hasServices ? defaultImagesFolder(process.env) : undefined,
      // Pods reach the ingress, too.
      platformInPods: isInCluster || isHttps,
      https: isHttps,
    }),
    audit: isInCluster,
    resolver: createToolResolver({ env: process.env, report, signal: abort.signal }),
    report,
    signal: abort.signal,
  });
  void stack.firstDeath.then(report);
  const bundle = join(stateDir, 'workflow-bundle.js');
  if (isPlatform) await writeWorkflowBundle(bundle);
  const programs = isPlatform
    ? { ...(await compilePlatform(join(stateDir, 'platform'), abort.signal)), WORKFLOW_BUNDLE: bundle }
    : {};
  process.send?.({ kind: 'ready', env: { ...stack.env, ...programs } });
  await asked;
  await stack.stop();
} catch (error) {
  report(messageOf(error));
  if (process.connected) process.send?.({ kind: 'failed', reason: messageOf(error) });
  process.exitCode = 1;
}
process.exit();

function report(message: string): void {
  process.stderr.write(`[node] ${message}\n`);
}
