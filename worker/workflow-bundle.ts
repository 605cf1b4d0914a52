import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';

/** Returns the bundle options. Development, tests and production use the same options, so tests run the production code. */
export function bundleOptions(): BundleOptions {
  return {
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(new URL('../workflows/trace-context.ts', import.meta.url))],
  };
}

/** Bundles the workflows and replaces the file `path` atomically: a starting worker reads either the old or the new file. */
export async function writeWorkflowBundle(path: string): Promise<{ sizeBytes: number }> {
  const { code } = await bundleWorkflowCode(bundleOptions());
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, code);
  await rename(draft, path);
  return { sizeBytes: Buffer.byteLength(code) };
}

/** Returns the path of the bundle for the SDK. @throws Error that names the build command when the file does not exist. */
export async function requireWorkflowBundle(path: string): Promise<{ codePath: string }> {
  try {
    await stat(path);
  } catch {
    throw new Error(`the workflow bundle ${path} does not exist. Run "npm run build" to create it.`);
  }
  return { codePath: path };
}
