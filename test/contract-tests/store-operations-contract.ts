import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { slugOf, namespaceOf, releaseNameOf } from '../../domain/names.ts';
import type { OperationInput } from '../../domain/operations/types.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

/** Input of an operation on a store that nothing else knows. */
export function anOperationInput(): OperationInput {
  const storeId = randomUUID();
  const slug = slugOf({ id: storeId, name: 'Acme Shoes' });
  return {
    store: {
      storeId,
      tenantId: 'default-user',
      name: 'Acme Shoes',
      engine: 'woocommerce',
      namespace: namespaceOf(slug),
      releaseName: releaseNameOf(slug),
      host: `${slug}.localhost`,
    },
    correlationId: 'law',
  };
}

/** Tests the behaviour that the fake and the real operations share. The tests need no worker: Temporal accepts starts without one. */
export function storeOperationsContract(
  world: () => {
    readonly operations: StoreOperations;
    /** Ends the open run of a store. */
    readonly close: (storeId: string, state: 'failed') => Promise<void> | void;
  },
): void {
  describe('operations of a store', () => {
    test('the first start of a store is started, the second is already started', async () => {
      const input = anOperationInput();
      expect(await world().operations.start('provision', input)).toMatchObject({ kind: 'started' });
      expect(await world().operations.start('provision', input)).toEqual({ kind: 'alreadyStarted' });
    });

    test.each(['retry', 'delete'] as const)('a %s is already started while a provision is open', async (kind) => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      expect(await world().operations.start(kind, input)).toEqual({ kind: 'alreadyStarted' });
    });

    test('stores do not stand in the way of each other', async () => {
      await world().operations.start('provision', anOperationInput());
      expect(await world().operations.start('provision', anOperationInput())).toMatchObject({ kind: 'started' });
    });

    test('equal starts at the same time make one run', async () => {
      const input = anOperationInput();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => world().operations.start('provision', input)),
      );
      const runIds = new Set(outcomes.flatMap((outcome) => (outcome.kind === 'started' ? [outcome.runId] : [])));
      expect(runIds.size).toBe(1);
    });

    test('cancelling a store that nothing runs on finds nothing running', async () => {
      expect(await world().operations.cancel(randomUUID())).toBe('notRunning');
    });

    test('cancelling an open run is accepted, however often', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      expect(await world().operations.cancel(input.store.storeId)).toBe('requested');
      expect(await world().operations.cancel(input.store.storeId)).toBe('requested');
    });

    test('cancelling a run that has closed finds nothing running', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.cancel(input.store.storeId)).toBe('notRunning');
    });

    test.each([
      ['provision', 'alreadyStarted'],
      ['retry', 'started'],
      ['delete', 'started'],
    ] as const)('after a run that failed, a %s is %s', async (kind, outcome) => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.start(kind, input)).toMatchObject({ kind: outcome });
    });

    test('a message to a store that nothing runs on finds nothing running', async () => {
      expect(await world().operations.signal(randomUUID(), { action: 'abort' })).toBe('notRunning');
    });

    test('a message to an open run is delivered, even when the run does not wait for it', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      const message = { action: 'continue', overrides: { image: { tag: '2' } } } as const;
      expect(await world().operations.signal(input.store.storeId, message)).toBe('delivered');
      expect(await world().operations.signal(input.store.storeId, { action: 'undelete' })).toBe('delivered');
    });

    test('a message to a run that has closed finds nothing running', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.signal(input.store.storeId, { action: 'abort' })).toBe('notRunning');
    });

    test('a store is observed as it is: unknown, then open, then closed', async () => {
      const input = anOperationInput();
      const { storeId } = input.store;
      expect(await world().operations.observe(storeId)).toEqual({ kind: 'unknown' });
      await world().operations.start('provision', input);
      expect(await world().operations.observe(storeId)).toEqual({ kind: 'open' });
      await world().close(storeId, 'failed');
      expect(await world().operations.observe(storeId)).toMatchObject({ kind: 'closed' });
    });

    test.each(['repair', 'cleanup'] as const)(
      'a %s starts only when no other run of the store is open',
      async (kind) => {
        const input = anOperationInput();
        expect(await world().operations.start(kind, input)).toMatchObject({ kind: 'started' });
        expect(await world().operations.start(kind, input)).toEqual({ kind: 'alreadyStarted' });
        expect(await world().operations.start('delete', input)).toEqual({ kind: 'alreadyStarted' });
      },
    );

    test('it answers a ping', async () => {
      await expect(world().operations.ping()).resolves.toBeUndefined();
    });
  });
}
