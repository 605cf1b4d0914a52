import { Pool } from 'undici';
import { createConditionRecords } from '../../db/stores/conditions.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { BenchPlatform } from '../platform.ts';
import { limitFinding, milliseconds, type Finding } from '../report.ts';
import { percentile } from '../statistics.ts';

const TARGET_MS = 250;
/** Events come one at a time, as the steps of an operation do. */
const PAUSE_MS = 200;

/**
 * Measures the time from the commit of an event to its arrival at each of `clients` clients that follow the store. This
 * process writes, as a worker does.
 */
export async function eventVisible(platform: BenchPlatform, clients: number, events: number): Promise<Finding> {
  const { storeId } = await platform.create();
  const database = openDb({
    databaseUrl: platform.env['DATABASE_URL'] ?? '',
    poolSize: 2,
    applicationName: 'bench writer',
    log: { warn: () => undefined },
  });
  const http = new Pool(platform.url, { connections: clients, bodyTimeout: 0 });
  const arrivals = new Map<number, number[]>();
  const stop = new AbortController();
  const following = Array.from({ length: clients }, () => follow(http, storeId, stop.signal, arrivals));
  try {
    const arrived = (seq: number) => eventually(() => arrivals.get(seq)?.length === clients, { intervalMs: 5 });
    await arrived(1);
    const records = createConditionRecords(database.db);
    const delaysMs: number[] = [];
    for (let seq = 2; seq < events + 2; seq += 1) {
      const status = seq % 2 === 0 ? 'True' : 'False';
      const condition = { type: 'DataMissing', status, reason: 'Measured', message: `change ${seq}` } as const;
      await records.setCondition({ storeId, condition }, new Date());
      const committedAt = performance.now();
      await arrived(seq);
      for (const arrivedAt of arrivals.get(seq) ?? []) delaysMs.push(Math.max(0, arrivedAt - committedAt));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const p95 = percentile(delaysMs, 95);
    return limitFinding(
      `an event is visible to ${clients} clients of an event stream after its commit, p95 of ${delaysMs.length} (p50 ${milliseconds(percentile(delaysMs, 50))})`,
      p95,
      TARGET_MS,
    );
  } finally {
    stop.abort();
    await Promise.all(following);
    await http.destroy();
    await database.close();
  }
}

/** Notes when the first bytes of each event arrive. Not `fetch`: its web streams would take the processor from the API. */
async function follow(
  http: Pool,
  storeId: string,
  signal: AbortSignal,
  arrivals: Map<number, number[]>,
): Promise<void> {
  try {
    const { body } = await http.request({
      method: 'GET',
      path: `/api/stores/${storeId}/events`,
      headers: { accept: 'text/event-stream' },
      signal,
    });
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const id = Number(/^id: (\d+)$/m.exec(message)?.[1] ?? 0);
        arrivals.set(id, [...(arrivals.get(id) ?? []), performance.now()]);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
