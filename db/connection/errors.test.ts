import { expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
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

test('keeps the results of wrapped functions and converts their connection errors', async () => {
  const functions = translatingConnectionErrors({
    answer: (value: number) => Promise.resolve(value),
    fail: () => Promise.reject(withCode('EPIPE')),
  });
  await expect(functions.answer(42)).resolves.toBe(42);
  await expect(functions.fail()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});
