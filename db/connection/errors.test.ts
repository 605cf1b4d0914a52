import { expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import { translateConnectionError, translatingConnectionErrors } from './errors.ts';

function withCode(code: string): Error {
  return Object.assign(new Error('failed'), { code });
}

test.each([
  ['a refused connection', withCode('ECONNREFUSED')],
  ['a shutdown', withCode('57P01')],
  ['a server that starts up', withCode('57P03')],
  ['too many connections', withCode('53300')],
  ['a statement time-out', withCode('57014')],
  ['a lost connection', new Error('Connection terminated unexpectedly')],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
  ['any of them inside another error', new Error('Failed query', { cause: withCode('ECONNRESET') })],
])('%s means that the database does not answer', (_, error) => {
  expect(translateConnectionError(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', cause: error });
});

test.each([
  ['a broken constraint', withCode('23505')],
  ['a bug', new TypeError('x is not a function')],
  ['a store error', new StoreError('INVALID_STATE', 'no', { cause: withCode('ECONNRESET') })],
  ['what is no error at all', 'nothing'],
])('%s passes through', (_, error) => {
  expect(translateConnectionError(error)).toBe(error);
});

test('wrapped verbs answer as before and fail in the words of the domain', async () => {
  const verbs = translatingConnectionErrors({
    answer: (value: number) => Promise.resolve(value),
    fail: () => Promise.reject(withCode('EPIPE')),
  });
  await expect(verbs.answer(42)).resolves.toBe(42);
  await expect(verbs.fail()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});
