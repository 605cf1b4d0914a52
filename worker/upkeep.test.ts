import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { SEARCH_ATTRIBUTE_NAMES } from '../workflows/search-attributes.ts';
import { startUpkeep } from './upkeep.ts';

const KEYWORD = 2;
const HALF_A_MINUTE = 30_000;

/** A Temporal server whose search attributes can be removed, or that does not answer. */
class FakeServer {
  readonly attributes = new Map<string, number>(SEARCH_ATTRIBUTE_NAMES.map((name) => [name, KEYWORD]));
  isDown = false;

  readonly connection = {
    operatorService: {
      listSearchAttributes: async () => {
        if (this.isDown) throw new Error('no connection');
        return { customAttributes: Object.fromEntries(this.attributes) };
      },
      addSearchAttributes: async ({ searchAttributes = {} }: { searchAttributes?: Record<string, number> | null }) => {
        for (const [name, type] of Object.entries(searchAttributes ?? {})) this.attributes.set(name, type);
        return {};
      },
    },
  };
}

let server: FakeServer;
let registrations: number;
let isClusterDown: boolean;
let logged: string[];
let stop: () => void;
beforeEach(() => {
  jest.useFakeTimers();
  server = new FakeServer();
  [registrations, isClusterDown, logged] = [0, false, []];
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  stop = startUpkeep({
    temporal: { connection: server.connection as never, namespace: 'shops' }, // the two calls that the upkeep makes
    registerCluster: async () => {
      registrations += 1;
      if (isClusterDown) throw new Error('no database');
    },
    log,
  });
});
afterEach(() => {
  stop();
  jest.useRealTimers();
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a running worker', () => {
  test('registers removed search attributes again within half a minute, each time', async () => {
    for (const name of ['StoreStatus', 'TenantId']) {
      server.attributes.delete(name);
      await pass(HALF_A_MINUTE);
      expect(server.attributes.get(name)).toBe(KEYWORD);
      expect(logged.at(-1)).toContain(`"registered":["${name}"],"namespace":"shops"`);
    }
    expect(logged).toHaveLength(2);
  });

  test('tries again after a server that did not answer', async () => {
    server.attributes.clear();
    server.isDown = true;
    await pass(HALF_A_MINUTE);
    expect(logged).toEqual([expect.stringContaining('could not be checked')]);
    server.isDown = false;
    await pass(HALF_A_MINUTE);
    expect([...server.attributes.keys()]).toEqual(SEARCH_ATTRIBUTE_NAMES);
  });

  test('refreshes the record of the cluster at its start and every half a minute, also after a failure', async () => {
    expect(registrations).toBe(1);
    isClusterDown = true;
    await pass(HALF_A_MINUTE);
    await pass(HALF_A_MINUTE);
    expect(registrations).toBe(3);
    expect(logged).toHaveLength(2);
  });

  test('does none of this after it has stopped', async () => {
    stop();
    server.attributes.clear();
    await pass(10 * HALF_A_MINUTE);
    expect([server.attributes.size, registrations]).toEqual([0, 1]);
  });
});
