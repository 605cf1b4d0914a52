import { fileURLToPath } from 'node:url';
import type { KubernetesObject } from '@kubernetes/client-node';
import { execa } from 'execa';
import { manifestDocuments } from '../../../activities/adapters/helm-record.ts';
import type { JsonObject } from '../../../activities/release/values.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';

const tools = createToolResolver({ env: process.env, report: (message) => process.stderr.write(`${message}\n`) });

/** Path of the chart of the platform. */
export const PLATFORM_CHART = fileURLToPath(new URL('../../../helm/platform', import.meta.url));
export const RELEASE = 'store-platform';
/** Namespace of the release. It does not begin with `store-`, as the namespaces of stores do. */
export const RELEASE_NAMESPACE = 'platform-system';

/** `helm test` waits for a store. */
const HELM_TIMEOUT_MS = 25 * 60_000;

/** The values that have no default. */
export const REQUIRED_VALUES: JsonObject = { temporal: { address: 'temporal.test:7233' } };

/**
 * Runs Helm, with values on standard input.
 *
 * @returns its output. `failed` is true when Helm reports an error on `stderr`.
 */
export async function helm(args: readonly string[], values?: JsonObject) {
  const { path } = await tools.resolve('helm');
  const namespace = args.includes('--namespace') ? [] : ['--namespace', RELEASE_NAMESPACE];
  const all = [...args, ...namespace, ...(values === undefined ? [] : ['--values', '-'])];
  return execa(path, all, { input: JSON.stringify(values ?? {}), reject: false, timeout: HELM_TIMEOUT_MS });
}

/** Renders the chart, hooks and tests included. `problem` is Helm's error message, or empty. */
export async function renderPlatform(
  values: JsonObject,
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly problem: string }> {
  const { stdout, stderr, failed } = await helm(['template', RELEASE, PLATFORM_CHART], values);
  if (failed) return { objects: [], problem: stderr };
  return { objects: manifestDocuments(stdout), problem: '' };
}
