import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { recordImage } from '../../images/build/manifest.ts';
import { preparePlatformInstall } from './platform-install.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platform-install-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('an image that is not built is refused with the command that builds it', async () => {
  await expect(preparePlatformInstall(folder)).rejects.toThrow('run "npm run images -- platform"');
});

test('an image whose archive was deleted is refused, too', async () => {
  const image = { repository: 'platform', tag: '1', archive: join(folder, 'platform.tar'), standsInFor: null };
  await recordImage(folder, 'platform', image);
  await expect(preparePlatformInstall(folder)).rejects.toThrow('is not built');
});
