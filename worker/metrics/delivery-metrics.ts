import { Counter, type Registry } from 'prom-client';
import type { DeliveryRecords } from '../../domain/ports/webhook-records.ts';
import { DELIVERY_STATES } from '../../domain/webhooks.ts';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

type Attempts = Pick<DeliveryRecords, 'recordAttempt'>;

/** Adds the metrics of deliveries to webhooks. Returns a function that counts the attempts of records. */
export function addDeliveryMetrics(registry: Registry): <Records extends Attempts>(records: Records) => Records {
  const attempts = new Counter({
    name: `${METRICS_PREFIX}webhook_attempts_total`,
    help: 'Attempts to deliver a message to a webhook, by the state of the delivery after it.',
    labelNames: ['state'],
    registers: [registry],
  });
  const disabled = new Counter({
    name: `${METRICS_PREFIX}webhooks_disabled_total`,
    help: 'Webhooks that the platform has disabled, because the receiver is gone or every delivery failed.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const state of DELIVERY_STATES) if (state !== 'pending') attempts.inc({ state }, 0);
  for (const reason of ['gone', 'failing']) disabled.inc({ reason }, 0);
  return (records) => ({
    ...records,
    recordAttempt: async (input) => {
      const reason = await records.recordAttempt(input);
      attempts.inc({ state: input.result.state });
      if (reason !== null) disabled.inc({ reason });
      return reason;
    },
  });
}
