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
  test('is created when it does not exist and can be opened again', () => {
    expect(openStateFolder(path)).toEqual(openStateFolder(path));
    expect(existsSync(openStateFolder(path).logs)).toBe(true);
  });

  test('is never a folder that contains other files', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.tex'), '');
    expect(() => openStateFolder(path)).toThrow(/contains files but is not a state folder: set STORE_PLATFORM_STATE/);
    expect(readdirSync(path)).toEqual(['thesis.tex']);
  });

  test('is refused with the reason and the fix when the path is a file', () => {
    writeFileSync(path, '');
    expect(() => openStateFolder(path)).toThrow(/state folder .* can't be used \(EEXIST\): make it a writable folder/);
  });
});

describe('the lock', () => {
  test('can not be taken while its holder is alive, and the error names the holder', () => {
    const folder = openStateFolder(path);
    const unlock = lockStateFolder(folder);
    expect(() => lockStateFolder(folder)).toThrow(new RegExp(`already running .*process ${process.pid}\\).*Ctrl-C`));
    unlock();
    expect(holderOf(folder)).toBeUndefined();
    lockStateFolder(folder)();
  });

  test.each([
    ['belongs to a process that has exited', JSON.stringify({ pid: process.pid, birth: 'before this one' })],
    ['is half-written', 'half-writ'],
  ])('is replaced when it %s', (_case, content) => {
    const folder = openStateFolder(path);
    writeFileSync(folder.lock, content);
    lockStateFolder(folder);
    expect(holderOf(folder)?.pid).toBe(process.pid);
    expect(readdirSync(path).filter((name) => name.startsWith('lock'))).toEqual(['lock.json']);
  });
});

describe('reset', () => {
  const printed: string[] = [];
  const reset = (): Promise<void> => resetCommand(path, (text) => printed.push(text));

  test('deletes the state folder', async () => {
    openStateFolder(path);
    await reset();
    expect(existsSync(path)).toBe(false);
    expect(printed.at(-1)).toBe(`Deleted the state folder ${path}.`);
  });

  test('fails while a stack uses the folder', async () => {
    const unlock = lockStateFolder(openStateFolder(path));
    await expect(reset()).rejects.toThrow(/already running/);
    expect(existsSync(path)).toBe(true);
    unlock();
  });

  test('does not delete a folder that is not a state folder', async () => {
    mkdirSync(path);
    await expect(reset()).rejects.toThrow(/is not a state folder, so it was not deleted/);
    expect(existsSync(path)).toBe(true);
  });

  test('succeeds when the state folder does not exist', async () => {
    await reset();
    expect(printed.at(-1)).toBe(`Nothing to delete: the state folder ${path} does not exist.`);
  });
});
