import { parseArgs } from 'node:util';

export const USAGE = `node dist/worker/promote.js [options]

Waits until workers of a version poll all task queues, and makes it the current version of the worker deployment.

  --deployment NAME   worker deployment; default: WORKER_DEPLOYMENT
  --build-id ID       version to promote; default: WORKER_BUILD_ID
  --cluster NAME      cluster whose workers the version must have; repeat it for several; default: CLUSTER_NAME
  --unversioned       promote the workers that have no version, instead of a version
  --timeout SECONDS   time to wait for the workers, from 0 to 86400; default: 240
  --help              print this text and exit

Exit codes: 0 the version is current; 1 an error; 2 wrong options; 3 the time is over, and nothing has changed.`;

const DEFAULT_TIMEOUT_SECONDS = 240;
const MAX_TIMEOUT_SECONDS = 86_400;

export interface PromotionOptions {
  readonly deploymentName: string;
  /** Undefined: the workers that have no version. */
  readonly buildId: string | undefined;
  /** Names of the clusters whose task queues the version must poll. */
  readonly clusters: readonly string[];
  readonly timeoutSeconds: number;
}

/** A problem of the command line. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 *
 * @param configured The version and the cluster in the settings of the process.
 * @returns undefined when the command line asks for the usage text.
 * @throws UsageError in one sentence.
 */
export function readPromotionOptions(
  args: readonly string[],
  configured: {
    readonly version: { readonly name: string; readonly buildId: string } | undefined;
    readonly cluster: string;
  },
): PromotionOptions | undefined {
  const { help, deployment, 'build-id': givenBuildId, cluster, unversioned, timeout } = parse(args);
  if (help) return undefined;
  const deploymentName = deployment ?? configured.version?.name ?? '';
  if (deploymentName === '') throw new UsageError('set --deployment, or WORKER_DEPLOYMENT');
  if (unversioned && givenBuildId !== undefined)
    throw new UsageError('--unversioned and --build-id exclude each other: give one of them');
  const buildId = unversioned ? undefined : (givenBuildId ?? configured.version?.buildId ?? '');
  if (buildId === '') throw new UsageError('set --build-id, WORKER_BUILD_ID or --unversioned');
  return { deploymentName, buildId, clusters: cluster ?? [configured.cluster], timeoutSeconds: secondsOf(timeout) };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        deployment: { type: 'string' },
        'build-id': { type: 'string' },
        cluster: { type: 'string', multiple: true },
        unversioned: { type: 'boolean', default: false },
        timeout: { type: 'string', default: String(DEFAULT_TIMEOUT_SECONDS) },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function secondsOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= MAX_TIMEOUT_SECONDS) return Number(text);
  throw new UsageError(`--timeout must be a whole number from 0 to ${MAX_TIMEOUT_SECONDS}; got ${text}`);
}
