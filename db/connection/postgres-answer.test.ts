import { expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import { postgresAnswerOf } from './postgres-answer.ts';

function causedBy(code: string, message: string): StoreError {
  const cause = new Error('Failed query', { cause: Object.assign(new Error(message), { code }) });
  return new StoreError('DATABASE_UNAVAILABLE', 'The database does not answer. Try again shortly', { cause });
}

test.each([
  ['25006', 'cannot execute CREATE SCHEMA in a read-only transaction'],
  ['53300', 'sorry, too many clients already'],
  ['57P03', 'the database system is starting up'],
  ['08P01', 'unsupported startup parameter: statement_timeout'],
])('an error with the SQLSTATE %s gives the words of Postgres', (code, message) => {
  expect(postgresAnswerOf(causedBy(code, message))).toBe(`Postgres answers: ${message}`);
});

test.each(['ECONNREFUSED', 'EPIPE', 'ENOENT'])('an error with the code %s gives no answer', (code) => {
  expect(postgresAnswerOf(causedBy(code, 'connect'))).toBeUndefined();
  expect(postgresAnswerOf('a text')).toBeUndefined();
});
