import type { StoreRequests } from '../../db/index.ts';
import { createExpectedDurations, type ExpectedDurations } from '../operations/expected.ts';
import { createLongPolls, type LongPolls } from '../operations/long-poll.ts';
import { createEventStreams, type EventStreams, type StreamTimes } from './event-stream.ts';
import type { EventHub } from './hub.ts';
import { createStreamSlots, type StreamSlots } from './stream-slots.ts';

/** The ways to follow the progress of operations: streams, long polls, and the durations of past operations. */
export interface LiveProgress {
  readonly streams: EventStreams;
  readonly polls: LongPolls;
  readonly slots: StreamSlots;
  readonly expected: ExpectedDurations;
}

/** Creates the live progress of a process. */
export function createLiveProgress({
  hub,
  records,
  maxStreams,
  times,
  now,
}: {
  readonly hub: EventHub;
  readonly records: Pick<StoreRequests, 'readDurations'>;
  /** Streams and long polls that a caller may have open at once. */
  readonly maxStreams: number;
  readonly times?: Partial<StreamTimes>;
  readonly now: () => Date;
}): LiveProgress {
  const slots = createStreamSlots(maxStreams);
  return {
    slots,
    streams: createEventStreams({ hub, slots, times }),
    polls: createLongPolls({ hub, slots }),
    expected: createExpectedDurations({ records, now }),
  };
}
