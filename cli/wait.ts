import { followOperation, type Operation, type OperationDetail, type StorePlatformClient } from '../client/index.ts';
import type { CommandContext } from './context.ts';
import { OperationFailed } from './exit-codes.ts';
import { Progress } from './output/progress.ts';

/**
 * Shows the events of an operation until it ends. Returns the operation.
 *
 * @param after Events up to this number are not shown.
 * @throws OperationFailed when the operation does not succeed.
 */
export async function showUntilEnd(
  { client, output, signal }: CommandContext,
  operation: Pick<Operation, 'storeId' | 'operationId'>,
  after = 0,
): Promise<Operation> {
  const progress = new Progress(output);
  progress.start();
  try {
    progress.expect(await detailOf(client, operation.operationId));
    const events = followOperation(client, operation, { after, signal });
    for (;;) {
      const { done, value } = await events.next();
      if (done !== true) progress.show(value);
      else if (value.status === 'succeeded') return value;
      else throw new OperationFailed(reasonOf(value));
    }
  } finally {
    progress.stop();
  }
}

async function detailOf(client: StorePlatformClient, operationId: string): Promise<OperationDetail> {
  const { data } = await client.GET('/api/operations/{id}', { params: { path: { id: operationId } } });
  if (data === undefined || data === null) throw new Error(`The API returned no operation ${operationId}.`);
  return data;
}

function reasonOf({ kind, status, failure }: Operation): string {
  return failure === null
    ? `The ${kind} ended as ${status}.`
    : `The ${kind} failed: ${failure.message} (${failure.code})`;
}
