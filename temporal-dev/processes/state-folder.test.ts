import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { resetCommand } from '../cli/reset-command.ts';
import { holderOf, lockStateFolder, openStateFolder } from './state-folder.ts';

let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'state-folder-'));
  path = join(parent, 'state');
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('the state folder', () => {
  test('is made when it is missing, and can be opened again', () => {
    expect(openStateFolder(path)).toEqual(openStateFolder(path));
    expect(existsSync(openStateFolder(path).logs)).toBe(true);
  });

  test("is never one with somebody else's files", () => {
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.tex'), '');
    expect(() => openStateFolder(path)).toThrow(/holds files that are not ours: set STORE_PLATFORM_STATE/);
    expect(readdirSync(path)).toEqual(['thesis.tex']);
  });

  test('that can not be a folder is told with what to do', () => {
    writeFileSync(path, '');
    expect(() => openStateFolder(path)).toThrow(/state folder .* can't be used \(EEXIST\): make it a folder/);
  });
});

describe('the lock', () => {
  test('is refused while its holder lives, and the holder is named', () => {
    const folder = openStateFolder(path);
    const unlock = lockStateFolder(folder);
    expect(() => lockStateFolder(folder)).toThrow(new RegExp(`running already .*process ${process.pid}\\).*Ctrl-C`));
    unlock();
    expect(holderOf(folder)).toBeUndefined();
    lockStateFolder(folder)();
  });

  test.each([
    ['a process that is gone', JSON.stringify({ pid: process.pid, birth: 'before this one' })],
    ['nobody who can be told', 'half-writ'],
  ])('of %s counts for nothing', (_who, content) => {
    const folder = openStateFolder(path);
    writeFileSync(folder.lock, content);
    lockStateFolder(folder);
    expect(holderOf(folder)?.pid).toBe(process.pid);
    expect(readdirSync(path).filter((name) => name.startsWith('lock'))).toEqual(['lock.json']);
  });
});

describe('reset', () => {
  const said: string[] = [];
  const reset = (): Promise<void> => resetCommand(path, (text) => said.push(text));

  test('throws the state away', async () => {
    openStateFolder(path);
    await reset();
    expect(existsSync(path)).toBe(false);
    expect(said.at(-1)).toBe(`Threw away ${path}.`);
  });

  test('refuses while a stack runs on it', async () => {
    const unlock = lockStateFolder(openStateFolder(path));
    await expect(reset()).rejects.toThrow(/running already/);
    expect(existsSync(path)).toBe(true);
    unlock();
  });

  test('leaves a folder alone that is not ours', async () => {
    mkdirSync(path);
    await expect(reset()).rejects.toThrow(/not a state folder of ours and is left alone/);
    expect(existsSync(path)).toBe(true);
  });

  test('has nothing to do without state', async () => {
    await reset();
    expect(said.at(-1)).toBe(`There is no state in ${path}.`);
  });
});
