import type { SetConditionInput } from '../../domain/ports/condition-records.ts';
import type { ConditionReport } from '../../domain/store/conditions.ts';
import { logWarning } from '../runtime/activity-context.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { reasonOf } from './classification.ts';
import type { Problem } from './problem.ts';

/** A message that counts something changes often. Its reason is written at once, its message not more often than this. */
const MESSAGE_EVERY_MS = 15_000;
const MAX_MESSAGE_LENGTH = 600;

export interface DelayReport {
  readonly storeId: string;
  readonly runId: string;
  /** Writes the condition. */
  readonly setCondition: (input: SetConditionInput) => Promise<unknown>;
  /** Reads the values that are redacted. */
  readonly readSecrets: () => Promise<readonly string[]>;
  readonly now: () => number;
  /** Whether an earlier attempt may have set the condition. */
  readonly isDelayed: boolean;
}

export interface DelayReporter {
  /** Reports the current problem, or null for none. Returns at once: the record may be slower than the cluster. */
  report(delay: Problem | null): void;
  /** Resolves when the last report is written or has failed, or after `limitMs`. */
  settled(limitMs: number): Promise<void>;
}

/**
 * Shows why a release is not ready yet as the condition `ReadinessDelayed` of its store. A report that can't be written is
 * written with a later one: the wait for the release continues.
 */
export function reportDelays(options: DelayReport): DelayReporter {
  let written: ConditionReport | 'unknown' | null = options.isDelayed ? 'unknown' : null;
  let writtenAtMs = -Infinity;
  let writing: Promise<void> | undefined;
  let latest: Problem | null = null;

  function report(delay: Problem | null): void {
    latest = delay;
    if (writing !== undefined || !isDue(delay)) return;
    writing = write(delay).finally(() => (writing = undefined));
  }

  function isDue(delay: Problem | null): boolean {
    if (written === null) return delay !== null;
    if (written === 'unknown') return true;
    if (delay === null) return written.status === 'True';
    const isSameReason = written.status === 'True' && written.reason === reasonOf(delay.code);
    return !isSameReason || (options.now() - writtenAtMs >= MESSAGE_EVERY_MS && written.message !== delay.message);
  }

  async function write(delay: Problem | null): Promise<void> {
    const { storeId, runId } = options;
    try {
      const condition = delay === null ? NO_DELAY : await conditionOf(delay);
      await options.setCondition({ storeId, runId, condition });
      // Compared with later problems, so without the redaction.
      written = delay === null ? condition : { ...condition, message: delay.message };
      writtenAtMs = options.now();
    } catch (error) {
      logWarning('the delay of a store could not be recorded', { storeId, reason: redact(String(error)) });
    }
  }

  async function conditionOf({ code, message }: Problem): Promise<ConditionReport> {
    const secrets = await options.readSecrets();
    return {
      type: 'ReadinessDelayed',
      status: 'True',
      reason: reasonOf(code),
      message: oneLine(redact(message, secrets), MAX_MESSAGE_LENGTH),
    };
  }

  async function writeLatest(): Promise<void> {
    await writing;
    report(latest);
    await writing;
  }

  async function settled(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([writeLatest(), limit]);
    clearTimeout(timer);
  }

  return { report, settled };
}

const NO_DELAY: ConditionReport = {
  type: 'ReadinessDelayed',
  status: 'False',
  reason: 'Resolved',
  message: 'the problem that delayed the release is gone',
};
