import type { Logger } from '../telemetry/logger.ts';
import type { TemporalNamespace } from '../temporal/check-temporal.ts';
import { registerSearchAttributes } from '../temporal/register-search-attributes.ts';

/** Without search attributes no run starts. Each look is one request to Temporal and one to the cluster. */
const EVERY_MS = 30_000;

/**
 * Registers search attributes again that someone removed, because Temporal rejects the start of all runs without them, and
 * refreshes the record of the cluster. Returns a function that stops it.
 */
export function startUpkeep({
  temporal: { connection, namespace },
  registerCluster,
  log,
}: {
  readonly temporal: TemporalNamespace;
  readonly registerCluster: () => Promise<void>;
  readonly log: Logger;
}): () => void {
  async function register(): Promise<void> {
    try {
      const registered = await registerSearchAttributes(connection, namespace);
      if (registered.length === 0) return;
      log.error({ registered, namespace }, 'search attributes were missing and are registered again');
    } catch (error) {
      log.warn({ err: error }, 'the search attributes could not be checked');
    }
  }

  async function refresh(): Promise<void> {
    try {
      await registerCluster();
    } catch (error) {
      log.warn({ err: error }, 'the record of the cluster could not be refreshed');
    }
  }

  // The search attributes were registered before the worker started.
  void refresh();
  const timer = setInterval(() => {
    void register();
    void refresh();
  }, EVERY_MS);
  return () => clearInterval(timer);
}
