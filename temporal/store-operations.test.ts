import { describe, expect, test } from '@jest/globals';
import { type Client, NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { anOperationInput } from '../test/contract-tests/store-operations-contract.ts';
import { createStoreOperations } from './store-operations.ts';

type Start = (
  workflowType: string,
  options: { readonly priority: { readonly fairnessKey: string } },
) => Promise<unknown>;

/** Returns operations over a client that has only these methods. */
function operationsWith(methods: { readonly start?: Start; readonly fail?: unknown }) {
  const fail = async () => {
    throw methods.fail;
  };
  const client = {
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
    workflow: {
      start: methods.start ?? fail,
      getHandle: () => ({ cancel: fail, signal: fail, describe: fail }),
    },
    workflowService: { getSystemInfo: fail },
  };
  // The operations use no other method of a client.
  return createStoreOperations(client as unknown as Client, 'a-installation');
}

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
}

/** Returns the error of each method, for an error of the client. */
async function errorsOf(fail: unknown): Promise<readonly unknown[]> {
  const operations = operationsWith({ fail });
  const calls = [
    operations.start('provision', anOperationInput()),
    operations.cancel('id'),
    operations.signal('id', { action: 'abort' }),
    operations.observe('id'),
    operations.ping(),
  ];
  return Promise.all(calls.map((call) => call.then(() => 'no error').catch((error: unknown) => error)));
}

describe('an error of Temporal', () => {
  test.each([
    [4, 'the deadline of the call passed'],
    [8, 'namespace rate limit exceeded'],
    [13, 'Received RST_STREAM with code 2'],
    [14, 'No connection established'],
  ])('with the gRPC code %i means that Temporal is unavailable', async (code, details) => {
    const expected = { code: 'ORCHESTRATOR_UNAVAILABLE', publicMessage: 'Temporal does not answer; try again shortly' };
    for (const error of await errorsOf(grpcError(code, details))) expect(error).toMatchObject(expected);
    const wrapped = new ServiceError('Failed to start Workflow', { cause: grpcError(code, details) });
    for (const error of await errorsOf(wrapped)) expect(error).toMatchObject(expected);
  });

  test.each([
    [3, 'INVALID_ARGUMENT: Namespace default has no mapping for search attribute TenantId'],
    [7, 'PERMISSION_DENIED: Request unauthorized.'],
    [9, 'FAILED_PRECONDITION: the namespace is in handover'],
    [12, 'UNIMPLEMENTED: unknown method'],
    [16, 'UNAUTHENTICATED: no token'],
  ])('with the gRPC code %i keeps its reason: %s', async (code, reason) => {
    const details = reason.slice(reason.indexOf(': ') + 2);
    const wrapped = new ServiceError('Failed to start Workflow', { cause: grpcError(code, details) });
    for (const error of await errorsOf(wrapped)) {
      expect(error).toMatchObject({
        code: 'ORCHESTRATOR_REJECTED',
        publicMessage: `Temporal rejected the request: ${reason}`,
        cause: wrapped,
      });
    }
  });

  test('about a missing namespace names the namespace', async () => {
    for (const error of await errorsOf(new NamespaceNotFoundError('nope'))) {
      expect(error).toMatchObject({
        code: 'ORCHESTRATOR_REJECTED',
        publicMessage: 'Temporal rejected the request: the namespace nope does not exist',
      });
    }
  });

  test('that is a bug is thrown unchanged', async () => {
    const bug = new TypeError('x is undefined');
    expect(await errorsOf(bug)).toEqual([bug, bug, bug, bug, bug]);
  });
});

describe('the fairness key of a run', () => {
  async function keyOf(tenantId: string): Promise<string> {
    let key = '';
    const operations = operationsWith({
      start: async (_type, { priority }) => {
        key = priority.fairnessKey;
        return { firstExecutionRunId: 'run' };
      },
    });
    const input = anOperationInput();
    await operations.start('provision', { ...input, store: { ...input.store, tenantId } });
    return key;
  }

  test.each([
    ['default-user', 'default-user'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['a'.repeat(65), 'a'.repeat(64)],
    [`${'a'.repeat(63)}é`, 'a'.repeat(63)],
    [`${'a'.repeat(62)}éb`, `${'a'.repeat(62)}é`],
    ['語'.repeat(30), '語'.repeat(21)],
    ['👩'.repeat(30), '👩'.repeat(16)],
  ])('of the tenant %j is %j, which has at most 64 bytes', async (tenantId, expected) => {
    expect(await keyOf(tenantId)).toBe(expected);
    expect(Buffer.byteLength(expected)).toBeLessThanOrEqual(64);
  });
});
