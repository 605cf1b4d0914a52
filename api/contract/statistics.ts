import { z } from '@hono/zod-openapi';
import { FAILURE_CODES } from '../../domain/failure.ts';
import { OPERATION_KINDS } from '../../domain/operations/catalogue.ts';
import { DEFAULT_RANGE_DAYS, MAX_RANGE_DAYS, TIME_BUCKETS } from '../../domain/statistics.ts';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { asTuple, EngineName, Instant, Step } from './fields.ts';
import { TenantFilter } from './operator.ts';

export const StatisticsQuery = z.strictObject({
  from: Instant.optional().openapi({
    description: `Start of the range, rounded down to the start of its bucket. At most ${MAX_RANGE_DAYS} days before \`to\`. Default: ${DEFAULT_RANGE_DAYS} days before it.`,
  }),
  to: Instant.optional().openapi({ description: 'End of the range. Default: now.' }),
});
export type StatisticsQuery = z.output<typeof StatisticsQuery>;

export const AllStatisticsQuery = StatisticsQuery.safeExtend({ tenantId: TenantFilter });

const Count = z.int().min(0);
const Seconds = z.number().min(0);
const BucketStart = Instant.openapi({ description: 'Start of the bucket.' });

const duration = {
  count: Count.openapi({ description: 'Number of provisions.' }),
  p50Seconds: Seconds.openapi({ description: 'Half of them were faster.' }),
  p90Seconds: Seconds.openapi({ description: 'Nine of ten were faster.' }),
  p99Seconds: Seconds.openapi({ description: '99 of 100 were faster.' }),
};

const Histogram = z
  .array(
    z.strictObject({
      upToSeconds: z
        .int()
        .nullable()
        .openapi({ description: 'The class has shorter durations only. Null: it has no upper end.' }),
      count: Count,
    }),
  )
  .readonly();

export const Statistics = z
  .strictObject({
    from: Instant,
    to: Instant,
    bucket: z.enum(TIME_BUCKETS).openapi({
      description: 'Width of the buckets, which begin at full hours or days of UTC. Ranges up to 3 days have hours.',
    }),
    stores: z
      .array(z.strictObject({ status: z.enum(STORE_STATUSES), engine: EngineName, count: Count }))
      .readonly()
      .openapi({ description: 'Stores that are not deleted, at the moment. Only counts above 0.' }),
    storesOverTime: z
      .array(
        z.strictObject({
          at: BucketStart,
          created: Count,
          deleted: Count,
          resident: Count.openapi({ description: 'Stores that exist at the end of the bucket.' }),
        }),
      )
      .readonly()
      .openapi({ description: 'One entry for each bucket. Deleted stores count until their record is erased.' }),
    operations: z
      .array(
        z.strictObject({
          at: BucketStart,
          kind: z.enum(asTuple(OPERATION_KINDS)),
          outcome: z.enum(['succeeded', 'failed', 'cancelled', 'superseded']),
          count: Count,
        }),
      )
      .readonly()
      .openapi({ description: 'Operations that ended in each bucket. Only counts above 0.' }),
    failures: z
      .array(z.strictObject({ at: BucketStart, code: z.enum(asTuple(FAILURE_CODES)), count: Count }))
      .readonly()
      .openapi({ description: 'Operations that failed in each bucket, by cause. Only counts above 0.' }),
    timeToReady: z
      .array(z.strictObject({ engine: EngineName, ...duration, histogram: Histogram }))
      .readonly()
      .openapi({
        description: 'From the request of a provision to its success, for provisions that ended in the range.',
      }),
    provisionSteps: z
      .array(z.strictObject({ step: Step, ...duration }))
      .readonly()
      .openapi({ description: 'Steps of the newest 1,000 provisions that succeeded in the range, in their order.' }),
  })
  .openapi('Statistics');
export type Statistics = z.output<typeof Statistics>;
