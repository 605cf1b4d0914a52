import { expect, test } from '@jest/globals';
import { ApiError, type Problem } from '@store-platform/client';
import { formErrorsOf } from './field-errors.ts';

function problemWith(errors: Problem['errors']): ApiError {
  const problem = {
    type: '',
    title: '',
    status: 400,
    detail: 'not valid',
    code: 'INVALID_REQUEST',
    instance: '',
  } as const;
  return new ApiError(400, { ...problem, correlationId: 'id', ...(errors === undefined ? {} : { errors }) });
}

test('gives each field its first error', () => {
  const error = problemWith([
    { in: 'body', pointer: '/name', detail: 'too long' },
    { in: 'body', pointer: '/name', detail: 'not printable' },
    { in: 'body', pointer: '/volumePolicy/keepForDays', detail: 'too many' },
  ]);
  expect(formErrorsOf(error, ['name', 'volumePolicy'])).toEqual({
    fields: { name: 'too long', volumePolicy: 'too many' },
    rest: undefined,
  });
});

test('keeps an error that no field of the form shows', () => {
  const error = problemWith([
    { in: 'body', pointer: '/name', detail: 'too long' },
    { in: 'header', pointer: '/Idempotency-Key', detail: 'missing' },
  ]);
  expect(formErrorsOf(error, ['name'])).toEqual({ fields: { name: 'too long' }, rest: error });
});

test('keeps an error without fields', () => {
  const error = new Error('no connection');
  expect(formErrorsOf(error, ['name'])).toEqual({ fields: {}, rest: error });
  expect(formErrorsOf(problemWith(undefined), ['name']).rest).toBeInstanceOf(ApiError);
  expect(formErrorsOf(null, ['name'])).toEqual({ fields: {}, rest: undefined });
});
