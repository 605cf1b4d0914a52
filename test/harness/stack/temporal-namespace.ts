import { Client, Connection } from '@temporalio/client';
import { directToLoopback } from '../../../temporal/direct-connection.ts';
import { registerSearchAttributes } from '../../../temporal/register-search-attributes.ts';
import { testStack, uniqueName } from './stack.ts';

export interface TestNamespace {
  readonly namespace: string;
  readonly client: Client;
  close(): Promise<void>;
}

const RETENTION_SECONDS = 86_400;

/** Creates a Temporal namespace for one test file, so that its task queues, workflow ids and schedules are isolated. */
export async function createTemporalNamespace({ withSearchAttributes = true } = {}): Promise<TestNamespace> {
  const connection = await Connection.connect(directToLoopback({ address: testStack().TEMPORAL_ADDRESS }));
  const namespace = uniqueName('test');
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never }, // the protobuf type requires a Long; the server accepts a number
  });
  if (withSearchAttributes) await registerSearchAttributes(connection, namespace);
  return { namespace, client: new Client({ connection, namespace }), close: () => connection.close() };
}

/** Connects to a namespace that exists, on any server. */
export async function openTemporalNamespace({
  temporalAddress: address,
  temporalNamespace: namespace,
}: {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
}): Promise<TestNamespace> {
  const connection = await Connection.connect(directToLoopback({ address }));
  return { namespace, client: new Client({ connection, namespace }), close: () => connection.close() };
}
