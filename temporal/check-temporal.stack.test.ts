import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { anOperationInput } from '../test/contract-tests/store-operations-contract.ts';
import { TEST_INSTALLATION } from '../test/harness/platform/cluster-activities.ts';
import { eventually, testStack, uniqueName } from '../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { SEARCH_ATTRIBUTE_NAMES } from '../workflows/search-attributes.ts';
import { checkTemporal, findMisconfiguration } from './check-temporal.ts';
import { directToLoopback } from './direct-connection.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';
import { createStoreOperations } from './store-operations.ts';

const INT = 3;

let connection: Connection;
let temporal: TestNamespace;
beforeAll(async () => {
  connection = await Connection.connect(directToLoopback({ address: testStack().TEMPORAL_ADDRESS }));
  temporal = await createTemporalNamespace();
});
afterAll(async () => {
  await temporal.close();
  await connection.close();
});

test('a namespace with the search attributes can be used', async () => {
  const namespace = { connection, namespace: temporal.namespace };
  expect(await findMisconfiguration(namespace)).toBeUndefined();
  await expect(checkTemporal(namespace)).resolves.toBeUndefined();
});

test('a missing namespace is named with the command that creates it, and no request fails as a bug', async () => {
  const namespace = uniqueName('missing');
  expect(await findMisconfiguration({ connection, namespace })).toBe(
    `the Temporal namespace ${namespace} does not exist: create it with "temporal operator namespace create --namespace ${namespace}", or set TEMPORAL_NAMESPACE to another one`,
  );
  const operations = createStoreOperations(new Client({ connection, namespace }), TEST_INSTALLATION);
  const rejected = { code: 'ORCHESTRATOR_REJECTED', message: expect.stringContaining(namespace) };
  await expect(operations.start('provision', anOperationInput())).rejects.toMatchObject(rejected);
  await expect(operations.cancel('none')).rejects.toMatchObject(rejected);
});

describe('a search attribute of the platform', () => {
  test('with another type is named with both types and what to do, and is never registered over', async () => {
    const other = await createTemporalNamespace({ withSearchAttributes: false });
    await connection.operatorService.addSearchAttributes({
      namespace: other.namespace,
      searchAttributes: { TenantId: INT },
    });
    const sentence = `the search attribute TenantId of the Temporal namespace ${other.namespace} has the type Int instead of Keyword: remove it with "temporal operator search-attribute remove --name TenantId", or set TEMPORAL_NAMESPACE to another one`;
    expect(await findMisconfiguration({ connection, namespace: other.namespace })).toBe(sentence);
    await expect(registerSearchAttributes(connection, other.namespace)).rejects.toThrow(sentence);
    await expect(checkTemporal({ connection, namespace: other.namespace })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_REJECTED',
      publicMessage: sentence,
    });
    await other.close();
  });

  test('that is removed is named, starts are rejected with the reason, and it can be registered again', async () => {
    const other = await createTemporalNamespace();
    const { namespace } = other;
    const operations = createStoreOperations(other.client, TEST_INSTALLATION);
    await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: ['StoreStatus'] });
    await expect(checkTemporal({ connection, namespace })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_REJECTED',
      publicMessage: expect.stringContaining('lacks the search attributes StoreStatus'),
    });
    // It is registered again without an operator, so it does not prevent a start of the API.
    expect(await findMisconfiguration({ connection, namespace })).toBeUndefined();
    await eventually(async () => {
      const error: unknown = await operations.start('provision', anOperationInput()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'ORCHESTRATOR_REJECTED',
        publicMessage: expect.stringMatching(/^Temporal rejected the request: INVALID_ARGUMENT: .*StoreStatus/),
      });
      return true;
    });
    expect(await registerSearchAttributes(connection, namespace)).toEqual(['StoreStatus']);
    await expect(checkTemporal({ connection, namespace })).resolves.toBeUndefined();
    await eventually(async () => await operations.start('provision', anOperationInput()));
    await other.close();
  });
});

test('the registration of a new namespace registers every search attribute', async () => {
  const other = await createTemporalNamespace({ withSearchAttributes: false });
  expect(await registerSearchAttributes(connection, other.namespace)).toEqual(SEARCH_ATTRIBUTE_NAMES);
  expect(await registerSearchAttributes(connection, other.namespace)).toEqual([]);
  await other.close();
});
