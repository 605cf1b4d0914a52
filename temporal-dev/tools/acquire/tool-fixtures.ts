import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as tar from 'tar';
import { ZipFile } from 'yazl';

/** Creates a temporary folder. `remove` deletes it. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tools-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Returns the text of a program that prints the version. */
export function programOf(version: string): string {
  return `#!/bin/sh\necho "v${version}"\n`;
}

/**
 * Writes an executable shell script. It can use only shell builtins, because the PATH of the tests has no other
 * programs.
 */
export async function writeProgram(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

/** Returns a .tar.gz with one file. */
export async function packTar(entry: string, content: string): Promise<Buffer> {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'packed.tar.gz');
  await writeProgram(join(folder.path, entry), content);
  await tar.create({ gzip: true, cwd: folder.path, file }, [entry]);
  const packed = await readFile(file);
  await folder.remove();
  return packed;
}

/** Returns a .zip (or wheel) with one file. */
export async function packZip(entry: string, content: string): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(content), entry);
  zip.end();
  return await buffer(zip.outputStream);
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
