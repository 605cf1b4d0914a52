import { randomUUID } from 'node:crypto';
import type { OperationInput } from '../domain/operations/inputs.ts';
import { DEFAULT_CLUSTER, taskQueuesOf, workflowIdOf } from '../domain/names.ts';
import { searchAttributesOf } from '../workflows/search-attributes.ts';
import type { BenchPlatform } from './platform.ts';

/** Starts the workflow of a provision by the Temporal client, with the input that the API sends. */
export async function startWorkflow(
  { client, installation }: Pick<BenchPlatform, 'client' | 'installation'>,
  storeId: string,
): Promise<void> {
  const name = `acme-shoes-${storeId.slice(0, 8)}`;
  const input: OperationInput = {
    store: {
      storeId,
      cluster: DEFAULT_CLUSTER,
      tenantId: 'default-user',
      name: 'Acme Shoes',
      engine: 'woocommerce',
      namespace: `store-${name}`,
      releaseName: name,
      host: `${name}.localhost`,
    },
    correlationId: randomUUID(),
  };
  await client.workflow.start('provisionStore', {
    workflowId: workflowIdOf(storeId),
    taskQueue: taskQueuesOf(installation).control,
    typedSearchAttributes: searchAttributesOf(input.store, 'provision', 'requested'),
    args: [input],
  });
}
