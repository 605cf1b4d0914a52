import { expect, test } from '@jest/globals';
import { ownPath } from '../../../api/auth/own-path.ts';
import { loginPath } from './login.ts';

test.each(['/', '/stores/new', '/settings/audit?actor=user:1&outcome=denied#row'])(
  'the login leads back to %s',
  (path) => {
    const next = new URL(loginPath(path), 'http://localhost').searchParams.get('next') ?? undefined;
    expect(ownPath(next)).toBe(path);
  },
);
