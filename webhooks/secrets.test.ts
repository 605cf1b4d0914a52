import { expect, test } from '@jest/globals';
import { createSecretBox, newSecret } from './secrets.ts';

const box = createSecretBox(Buffer.alloc(32, 'a').toString('base64'));

test('a secret has the form of the Standard Webhooks specification, and is new each time', () => {
  expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSecret()).not.toBe(newSecret());
});

test('opens what it sealed, and seals the same secret differently each time', () => {
  const sealed = box.seal('whsec_secret', 'webhook');
  expect(box.open(sealed, 'webhook')).toBe('whsec_secret');
  expect(sealed).not.toContain('whsec');
  expect(box.seal('whsec_secret', 'webhook')).not.toBe(sealed);
});

test.each([
  ['for another webhook', (sealed: string) => box.open(sealed, 'other')],
  [
    'with another key',
    (sealed: string) => createSecretBox(Buffer.alloc(32, 'b').toString('base64')).open(sealed, 'webhook'),
  ],
  ['after a change', (sealed: string) => box.open(`${sealed.slice(0, -4)}AAA=`, 'webhook')],
  ['cut off', (sealed: string) => box.open(sealed.slice(0, 20), 'webhook')],
])('does not open a secret %s', (_, open) => {
  expect(() => open(box.seal('whsec_secret', 'webhook'))).toThrow('WEBHOOK_SECRET_KEY');
});

test('refuses a key of another length', () => {
  expect(() => createSecretBox(Buffer.alloc(16).toString('base64'))).toThrow('32 bytes');
});
