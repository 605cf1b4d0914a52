import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { messageOf, StackError } from '../../../temporal-dev/stack-error.ts';
import { startStack } from '../../../temporal-dev/start-stack.ts';
import { openStateFolder, removeStateFolder } from '../../../temporal-dev/processes/state-folder.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { removeAbandonedStacks } from '../abandoned-stacks.ts';
import { compilePlatform } from '../platform/compiled-platform.ts';

/** The process that owns the stack of a test run. It stops the stack and exits when the process of the run ends. */

const FOLDER_PREFIX = 'store-platform-test-';
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const abort = new AbortController();
process.once('disconnect', () => abort.abort());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());

await removeAbandonedStacks(FOLDER_PREFIX);
const stateDir = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
const folder = openStateFolder(stateDir);
const bundle = join(stateDir, 'workflow-bundle.js');
// Runs while the services of the stack start and wait for each other.
const compiling = Promise.all([compilePlatform(join(stateDir, 'platform'), abort.signal), buildWorkflowBundle(bundle)]);
compiling.catch(() => undefined); // awaited below
try {
  const stack = await startStack({
    stateDir,
    ports: 'free',
    services: { postgres: true, temporal: true, kubernetes: true },
    resolver: createToolResolver({ env: process.env, report, signal: abort.signal }),
    report,
    durable: false,
    signal: abort.signal,
  });
  try {
    const [compiled] = await compiling;
    process.send?.({ kind: 'ready', env: { ...stack.env, ...compiled, WORKFLOW_BUNDLE: bundle } });
    void stack.firstDeath.then((sentence) => report(sentence));
    await aborted(abort.signal);
  } finally {
    await stack.stop();
  }
} catch (error) {
  if (!abort.signal.aborted) {
    process.send?.({ kind: 'failed', reason: error instanceof StackError ? error.message : describe(error) });
    process.exitCode = 1;
  }
} finally {
  await Promise.allSettled([compiling]);
  await removeStateFolder(folder);
  if (process.connected) process.disconnect();
}

/** Builds the bundle with the script that production uses, so that tests run the same bundle. */
async function buildWorkflowBundle(path: string): Promise<void> {
  const script = join(REPOSITORY, 'worker', 'build-workflow-bundle.ts');
  await execa(process.execPath, ['--import', 'tsx', script, path], {
    cwd: REPOSITORY,
    cancelSignal: abort.signal,
    stdout: 'ignore',
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function report(message: string): void {
  process.stderr.write(`[test stack] ${message}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
