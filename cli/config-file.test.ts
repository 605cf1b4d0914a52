import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigFile } from './config-file.ts';
import { UsageError } from './exit-codes.ts';

const LOGIN = { url: 'http://localhost:3001', token: 'sp_x', tokenId: 't1', tenantId: 'acme' };

let home: string;
let config: ConfigFile;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'config-'));
  config = new ConfigFile({ XDG_CONFIG_HOME: home });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const folder = () => join(home, 'store-platform');

describe('the file with the login', () => {
  test('is read as it was written, by its owner only, and leaves nothing else behind', async () => {
    expect(await config.read()).toBeUndefined();
    await config.write(LOGIN);
    await config.write({ ...LOGIN, token: 'sp_y' });
    expect(await config.read()).toEqual({ ...LOGIN, token: 'sp_y' });
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder(), 'config.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder())).toEqual(['config.json']);
    await config.clear();
    await config.clear();
    expect(await config.read()).toBeUndefined();
  });

  test('is in the home folder by default', async () => {
    await new ConfigFile({ HOME: home }).write(LOGIN);
    expect(await readdir(join(home, '.config', 'store-platform'))).toEqual(['config.json']);
  });

  test.each(['', '{', '{"url":"x"}', 'null'])('%j is reported', async (text) => {
    await config.write(LOGIN);
    await writeFile(join(folder(), 'config.json'), text);
    await expect(config.read()).rejects.toThrow(UsageError);
  });

  test('is not needed without a home folder', async () => {
    const none = new ConfigFile({});
    expect(await none.read()).toBeUndefined();
    await none.clear();
    await expect(none.write(LOGIN)).rejects.toThrow('Set XDG_CONFIG_HOME');
  });
});
