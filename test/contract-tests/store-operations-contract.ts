import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_CLUSTER, slugOf, namespaceOf, releaseNameOf } from '../../domain/names.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { OperationInput } from '../../domain/operations/inputs.ts';

/** Returns the input of an operation on a store that no other test uses. */
export function anOperationInput(): OperationInput {
  const storeId = randomUUID();
  const slug = slugOf({ id: storeId, name: 'Acme Shoes' });
  return {
    store: {
      storeId,
      cluster: DEFAULT_CLUSTER,
      tenantId: 'default-user',
      name: 'Acme Shoes',
      engine: 'woocommerce',
      namespace: namespaceOf(slug),
      releaseName: releaseNameOf(slug),
      host: `${slug}.localhost`,
    },
    correlationId: 'contract',
  };
}

/** Tests that the fake and the real store operations both pass. They need no worker: Temporal accepts a start without one. */
export function storeOperationsContract(
  world: () => {
    readonly operations: StoreOperations;
    /** Closes the open run of a store. */
    readonly close: (storeId: string, state: 'failed') => Promise<void> | void;
  },
): void {
  describe('operations of a store', () => {
    test('the first start of a store starts a run, the second returns alreadyStarted', async () => {
      const input = anOperationInput();
      expect(await world().operations.start('provision', input)).toMatchObject({ kind: 'started' });
      expect(await world().operations.start('provision', input)).toEqual({ kind: 'alreadyStarted' });
    });

    test.each(['provision', 'delete'] as const)(
      'a %s returns alreadyStarted while a provision is open',
      async (kind) => {
        const input = anOperationInput();
        await world().operations.start('provision', input);
        expect(await world().operations.start(kind, input)).toEqual({ kind: 'alreadyStarted' });
      },
    );

    test('a run of one store does not block the start of another', async () => {
      await world().operations.start('provision', anOperationInput());
      expect(await world().operations.start('provision', anOperationInput())).toMatchObject({ kind: 'started' });
    });

    test('equal starts at the same time create one run', async () => {
      const input = anOperationInput();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => world().operations.start('provision', input)),
      );
      const runIds = new Set(outcomes.flatMap((outcome) => (outcome.kind === 'started' ? [outcome.runId] : [])));
      expect(runIds.size).toBe(1);
    });

    test('a run whose step is not repeated has no retry, and neither has an unknown run', async () => {
      const input = anOperationInput();
      const { operations } = world();
      const started = await operations.start('provision', input);
      const runId = started.kind === 'started' ? started.runId : '';
      expect(await operations.retryOf(input.store.storeId, runId)).toBeNull();
      expect(await operations.retryOf(randomUUID(), randomUUID())).toBeNull();
    });

    test('a cancel of a store without a run returns notRunning', async () => {
      expect(await world().operations.cancel(randomUUID())).toBe('notRunning');
    });

    test('a cancel of an open run is accepted each time', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      expect(await world().operations.cancel(input.store.storeId)).toBe('requested');
      expect(await world().operations.cancel(input.store.storeId)).toBe('requested');
    });

    test('a cancel of a closed run returns notRunning', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.cancel(input.store.storeId)).toBe('notRunning');
    });

    test.each([
      ['provision', true, 'alreadyStarted'],
      ['provision', false, 'started'],
      ['delete', false, 'started'],
    ] as const)('after a run that failed, a %s with isFirst %s is %s', async (kind, isFirst, outcome) => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.start(kind, input, { isFirst })).toMatchObject({ kind: outcome });
    });

    test('a signal to a store without a run returns notRunning', async () => {
      expect(await world().operations.signal(randomUUID(), { action: 'abort' })).toBe('notRunning');
    });

    test('a signal to an open run is delivered in every state of the run', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      const message = { action: 'continue', overrides: { image: { tag: '2' } } } as const;
      expect(await world().operations.signal(input.store.storeId, message)).toBe('delivered');
      expect(await world().operations.signal(input.store.storeId, { action: 'undelete' })).toBe('delivered');
    });

    test('the signal of a tenant slot is delivered to an open run only', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      expect(await world().operations.signalTenantSlot(input.store.storeId)).toBe('delivered');
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.signalTenantSlot(input.store.storeId)).toBe('notRunning');
    });

    test('a signal to a closed run returns notRunning', async () => {
      const input = anOperationInput();
      await world().operations.start('provision', input);
      await world().close(input.store.storeId, 'failed');
      expect(await world().operations.signal(input.store.storeId, { action: 'abort' })).toBe('notRunning');
    });

    test('observe returns unknown before the start, open during the run and closed after it', async () => {
      const input = anOperationInput();
      const { storeId } = input.store;
      expect(await world().operations.observe(storeId)).toEqual({ kind: 'unknown' });
      await world().operations.start('provision', input);
      expect(await world().operations.observe(storeId)).toEqual({ kind: 'open' });
      await world().close(storeId, 'failed');
      expect(await world().operations.observe(storeId)).toMatchObject({ kind: 'closed' });
    });

    test.each(['repair', 'cleanup'] as const)(
      'a start of %s does not wait: it returns alreadyStarted while a run is open',
      async (kind) => {
        const input = anOperationInput();
        expect(await world().operations.start(kind, input)).toMatchObject({ kind: 'started' });
        expect(await world().operations.start(kind, input)).toEqual({ kind: 'alreadyStarted' });
        expect(await world().operations.start('delete', input)).toEqual({ kind: 'alreadyStarted' });
      },
    );

    test('ping succeeds', async () => {
      await expect(world().operations.ping()).resolves.toBeUndefined();
    });
  });
}
