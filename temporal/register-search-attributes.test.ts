import { expect, test } from '@jest/globals';
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../workflows/search-attributes.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';

type OperatorService = Pick<Connection['operatorService'], 'listSearchAttributes' | 'addSearchAttributes'>;
type Method = keyof OperatorService;

/** An operator service whose methods fail with the given gRPC codes. `added` has the registered names. */
function operator(codes: Partial<Record<Method, number>>, registered: readonly string[] = []) {
  const added: string[] = [];
  async function fail(method: Method): Promise<void> {
    const code = codes[method];
    if (code !== undefined) throw Object.assign(new Error('rejected'), { code, details: 'rejected', metadata: {} });
  }
  const service = {
    listSearchAttributes: async () => {
      await fail('listSearchAttributes');
      return { customAttributes: Object.fromEntries(registered.map((name) => [name, 2])) };
    },
    addSearchAttributes: async ({ searchAttributes }: { readonly searchAttributes: object }) => {
      await fail('addSearchAttributes');
      added.push(...Object.keys(searchAttributes));
      return {};
    },
  };
  return { added, connection: { operatorService: service as unknown as OperatorService } };
}

test('registers only the missing search attributes', async () => {
  const [first = '', ...others] = SEARCH_ATTRIBUTE_NAMES;
  const { added, connection } = operator({}, [first]);
  expect(await registerSearchAttributes(connection, 'default')).toEqual(others);
  expect(added).toEqual(others);
});

test.each<[string, Method, number]>([
  ['has no operator service (Temporal Cloud)', 'listSearchAttributes', 12],
  ['does not allow the list', 'listSearchAttributes', 7],
  ['does not allow a registration', 'addSearchAttributes', 7],
  ['has registered them at the same time', 'addSearchAttributes', 6],
])('succeeds on a server that %s', async (_, method, code) => {
  const { connection } = operator({ [method]: code });
  await expect(registerSearchAttributes(connection, 'default')).resolves.toEqual(expect.any(Array));
});

test.each<Method>(['listSearchAttributes', 'addSearchAttributes'])(
  'throws when the server does not answer to %s',
  async (method) => {
    const { connection } = operator({ [method]: 14 });
    await expect(registerSearchAttributes(connection, 'default')).rejects.toMatchObject({ code: 14 });
  },
);
