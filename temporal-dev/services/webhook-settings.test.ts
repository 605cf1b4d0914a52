import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { webhookSettings } from './webhook-settings.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-settings-'));
  folders.push(folder);
  return folder;
}

test('keeps the key of the first start, in a file that only its owner can read', () => {
  const folder = newFolder();
  const settings = webhookSettings(folder);
  expect(webhookSettings(folder)).toEqual(settings);
  expect(webhookSettings(newFolder())['WEBHOOK_SECRET_KEY']).not.toBe(settings['WEBHOOK_SECRET_KEY']);
  expect(statSync(join(folder, 'webhook.key')).mode & 0o777).toBe(0o600);
});

test('returns settings that the platform accepts', () => {
  const settings = webhookSettings(newFolder());
  expect(loadConfig(settings).WEBHOOK_SECRET_KEY).toBe(settings['WEBHOOK_SECRET_KEY']);
});
