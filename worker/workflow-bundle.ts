import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';

/** One set of options for development, tests and production: what is tested is what runs. */
export function bundleOptions(): BundleOptions {
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}

/** Bundles the workflows into `path`, atomically: a worker that starts meanwhile sees the old file or the new. */
export async function writeWorkflowBundle(path: string): Promise<{ sizeBytes: number }> {
  const { code } = await bundleWorkflowCode(bundleOptions());
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, code);
  await rename(draft, path);
  return { sizeBytes: Buffer.byteLength(code) };
}

/** @throws Error with the command to run when the bundle is missing. */
export async function requireWorkflowBundle(path: string): Promise<{ codePath: string }> {
  try {
    await stat(path);
  } catch {
    throw new Error(`the workflow bundle ${path} is missing: run "npm run build"`);
  }
  return { codePath: path };
}
