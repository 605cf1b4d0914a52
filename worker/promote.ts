import { Connection } from '@temporalio/client';
import { loadConfig, type Config } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { findMisconfiguration } from '../temporal/check-temporal.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { openWorkerDeployment } from '../temporal/worker-deployment.ts';
import { readPromotionOptions, USAGE, UsageError, type PromotionOptions } from './promotion/options.ts';
import { promoteVersion } from './promotion/promote-version.ts';

/** Makes a version of the workers current once its workers poll: the second half of each upgrade. It needs Temporal only. */

/** Exit codes. `USAGE` explains them. */
const FAILED = 1;
const WRONG_OPTIONS = 2;
const TIMED_OUT = 3;

/** Returns the exit code. */
async function promote(config: Config, options: PromotionOptions, logger: Logger): Promise<number> {
  const { deploymentName, buildId, clusters } = options;
  const { connectionOptions, namespace } = config.temporal;
  // It connects at the first request, so that a Temporal that is starting is one more reason to wait.
  const connection = Connection.lazy(directToLoopback(connectionOptions));
  const version = { deployment: deploymentName, buildId: buildId ?? null };
  try {
    const deployment = openWorkerDeployment(
      { connection, namespace },
      {
        deploymentName,
        installation: config.INSTALLATION_ID,
        clusters,
        hasWebhooks: config.WEBHOOK_SECRET_KEY !== undefined,
        now: () => new Date(),
      },
    );
    const log = logger.child(version);
    const promotion = await promoteVersion(deployment, { buildId, timeoutMs: options.timeoutSeconds * 1_000, log });
    if (promotion.kind === 'timedOut') {
      const misconfiguration = await findMisconfiguration({ connection, namespace }).catch(() => undefined);
      const reason = misconfiguration ?? promotion.reason;
      log.error({ reason }, 'the version was not promoted: the current version is still the former one');
      process.stderr.write(`promote: the time is over, and nothing has changed: ${reason}\n`);
      return TIMED_OUT;
    }
    if (promotion.kind === 'alreadyCurrent') log.info('the version is already the current one');
    else log.info({ previousBuildId: promotion.previous ?? null }, 'the version was made the current one');
    return 0;
  } finally {
    await connection.close();
  }
}

let log: Logger | undefined;
try {
  const config = loadConfig(process.env, await readStackEnv());
  const options = readPromotionOptions(process.argv.slice(2), {
    version: config.deployment,
    cluster: config.CLUSTER_NAME,
  });
  log = createLogger({ service: 'promote', level: config.LOG_LEVEL });
  if (options === undefined) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await promote(config, options, log);
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage) log?.fatal({ err: error }, 'the version could not be promoted');
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`promote: ${sentence}\n${isUsage ? `\n${USAGE}\n` : ''}`);
  process.exitCode = isUsage ? WRONG_OPTIONS : FAILED;
}
