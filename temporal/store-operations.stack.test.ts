import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { workflowIdOf } from '../domain/names.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { anOperationInput, storeOperationsContract } from '../test/contract-tests/store-operations-contract.ts';
import { createStoreOperations } from './store-operations.ts';

const INSTALLATION = 'test';

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await createTemporalNamespace();
});
afterAll(() => temporal.close());

storeOperationsContract(() => ({
  operations: createStoreOperations(temporal.client, INSTALLATION),
  // The contract treats a terminated run as a failed one.
  close: async (storeId) => void (await temporal.client.workflow.getHandle(workflowIdOf(storeId)).terminate()),
}));

describe('a started run', () => {
  test('has the search attributes by which operators find it', async () => {
    const input = anOperationInput();
    await createStoreOperations(temporal.client, INSTALLATION).start('provision', input);
    const description = await temporal.client.workflow.getHandle(workflowIdOf(input.store.storeId)).describe();
    expect(description.type).toBe('provisionStore');
    expect(description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])).toEqual(
      expect.arrayContaining([
        ['StoreId', input.store.storeId],
        ['TenantId', 'default-user'],
        ['Engine', 'woocommerce'],
        ['StoreStatus', 'requested'],
        ['Operation', 'provision'],
      ]),
    );
  });
});

describe('without Temporal', () => {
  test('each call fails with ORCHESTRATOR_UNAVAILABLE', async () => {
    // No process listens on port 1 of the loopback address.
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const operations = createStoreOperations(new Client({ connection }), INSTALLATION);
    const unavailable = expect.objectContaining({ code: 'ORCHESTRATOR_UNAVAILABLE' });
    await expect(operations.start('provision', anOperationInput())).rejects.toEqual(unavailable);
    await expect(operations.cancel('none')).rejects.toEqual(unavailable);
    await expect(operations.ping()).rejects.toEqual(unavailable);
    await connection.close();
  });
});
