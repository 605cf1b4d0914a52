import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { DrizzleQueryError } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import { StoreError } from '../../domain/failure.ts';
import { postgresAnswerOf } from './postgres-answer.ts';
import { translateConnectionError, translatingConnectionErrors } from './errors.ts';

function withCode(code: string): Error {
  return Object.assign(new Error('failed'), { code });
}

test.each([
  ['a refused connection', withCode('ECONNREFUSED')],
  ['a shutdown', withCode('57P01')],
  ['a server that is starting', withCode('57P03')],
  ['too many connections', withCode('53300')],
  ['a statement timeout', withCode('57014')],
  ['a lost connection', new Error('Connection terminated unexpectedly')],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
  [
    'a connection error that is the cause of another error',
    new Error('Failed query', { cause: withCode('ECONNRESET') }),
  ],
])('converts %s to DATABASE_UNAVAILABLE', (_, error) => {
  expect(translateConnectionError(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', cause: error });
});

test.each([
  ['a violated constraint', withCode('23505')],
  ['a bug', new TypeError('x is not a function')],
  ['a StoreError', new StoreError('INVALID_STATE', 'no', { cause: withCode('ECONNRESET') })],
  ['a value that is no error', 'nothing'],
])('returns %s unchanged', (_, error) => {
  expect(translateConnectionError(error)).toBe(error);
});

test.each([
  ['25006', 'cannot execute INSERT in a read-only transaction'],
  ['53300', 'sorry, too many clients already'],
  ['08P01', 'query_wait_timeout'],
])('an error with the SQLSTATE %s tells the reason of Postgres: %s', (code, reason) => {
  const rejected = Object.assign(new DatabaseError(reason, 0, 'error'), { code });
  const error = translateConnectionError(new DrizzleQueryError('insert', [], rejected));
  expect(error).toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    publicMessage: `The database cannot serve the request. Postgres answers: ${reason}`,
  });
  expect(postgresAnswerOf(error)).toBe(`Postgres answers: ${reason}`);
});

test('a startup parameter that a pooler rejects is no outage, and its name is kept', () => {
  const rejected = Object.assign(new DatabaseError('unsupported startup parameter: options', 0, 'error'), {
    code: '08P01',
  });
  const error = translateConnectionError(rejected);
  expect(error).not.toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ message: expect.stringContaining('unsupported startup parameter: options') });
});

test('keeps the results of wrapped functions and converts their connection errors', async () => {
  const functions = translatingConnectionErrors({
    answer: (value: number) => Promise.resolve(value),
    fail: () => Promise.reject(withCode('EPIPE')),
  });
  await expect(functions.answer(42)).resolves.toBe(42);
  await expect(functions.fail()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

describe('an error of a query contains neither SQL nor parameters', () => {
  function queryError(cause: Error): Error {
    return new DrizzleQueryError('insert into "stores" ("key") values ($1)', ['private-value'], cause);
  }
  function databaseError(fields: Partial<DatabaseError> & { readonly message: string }): Error {
    return Object.assign(new DatabaseError(fields.message, 0, 'error'), fields);
  }
  const QUERY_OR_VALUE = /insert into|private-value/;

  test.each([
    ['when Postgres does not answer', withCode('ECONNREFUSED')],
    ['when Postgres shuts down', databaseError({ message: 'terminating connection', code: '57P01' })],
    [
      'when a constraint is violated',
      databaseError({
        message: 'duplicate key value violates unique constraint "stores_key"',
        code: '23505',
        detail: 'Key (key)=(private-value) already exists.',
        table: 'stores',
        constraint: 'stores_key',
      }),
    ],
    [
      'when a value is invalid',
      databaseError({ message: 'invalid input syntax for type uuid: "private-value"', code: '22P02' }),
    ],
    ['when the client fails', new TypeError('x is not a function')],
  ])('%s', (_, cause) => {
    for (const thrown of [queryError(cause), cause]) {
      const error = translateConnectionError(thrown);
      expect(error).toBeInstanceOf(Error);
      // Includes the stack, all properties and all causes.
      expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(QUERY_OR_VALUE);
    }
  });

  test('but names the SQLSTATE, the table, the constraint and the place in the code', () => {
    const error = translateConnectionError(
      queryError(
        databaseError({
          message: 'null value',
          code: '23502',
          table: 'stores',
          constraint: 'stores_name',
          detail: 'x',
        }),
      ),
    );
    expect(error).toMatchObject({
      message: 'Postgres rejected a query: null value (SQLSTATE 23502, table stores, constraint stores_name)',
      stack: expect.stringContaining('errors.test.ts'),
    });
  });
});
