import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StackError } from '../stack-error.ts';
import { createFakePublisher, type FakePublisher } from '../tools/acquire/fake-publisher.ts';
import { sha256, temporaryFolder, writeProgram } from '../tools/acquire/tool-fixtures.ts';
import { findJava, findZipkinJar } from './zipkin-jar.ts';

const JAR = Buffer.from('the jar');
const FILE = '/zipkin-server-3.5.1-exec.jar';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let central: FakePublisher;
let reports: string[];
beforeEach(async () => {
  folder = await temporaryFolder();
  central = await createFakePublisher();
  reports = [];
});
afterEach(async () => {
  await central.close();
  await folder.remove();
});

/** Finds the jar with a PATH on which `mvn` is this script, if one is given. */
async function find({ mvn, env = {} }: { readonly mvn?: string; readonly env?: Record<string, string> } = {}) {
  const bin = join(folder.path, 'bin');
  if (mvn !== undefined) await writeProgram(join(bin, 'mvn'), `#!/bin/sh\n${mvn}\n`);
  const jar = {
    version: '3.5.1',
    artifact: 'io.zipkin:zipkin-server:3.5.1:jar:exec',
    url: `${central.url}${FILE}`,
    sha256: sha256(JAR),
  };
  return await findZipkinJar({
    env: { PATH: bin, XDG_CACHE_HOME: join(folder.path, 'cache'), ...env },
    report: (message) => reports.push(message),
    signal: new AbortController().signal,
    jar,
    limits: { connectTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
  });
}

/** Writes the file in the folder that the argument `-DoutputDirectory=` names. */
const copies = (content: string) =>
  `for argument; do case "$argument" in -DoutputDirectory=*) printf '${content}' > "\${argument#*=}${FILE}";; esac; done`;

describe('the jar of Zipkin', () => {
  test('comes from the repository of Maven once, and then from the cache', async () => {
    const path = await find({ mvn: copies('the jar') });
    expect(await readFile(path, 'utf8')).toBe('the jar');
    expect(await find({ mvn: 'exit 1' })).toBe(path);
    expect(reports).toEqual(['downloading zipkin 3.5.1 with Maven']);
    expect(central.requests).toEqual([]);
  });

  test.each([
    ['is not installed', undefined],
    ['fails', 'echo "[ERROR] no network"; exit 1'],
  ])('comes from Maven Central when Maven %s', async (_, mvn) => {
    central.serve(FILE, JAR);
    const path = await find(mvn === undefined ? {} : { mvn });
    expect(await readFile(path, 'utf8')).toBe('the jar');
  });

  test('with another digest is deleted, and another source is not tried', async () => {
    central.serve(FILE, JAR);
    const error = await find({ mvn: copies('another jar') }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(StackError);
    expect(String(error)).toContain('does not match its pinned sha256 digest');
    expect(central.requests).toEqual([]);
  });

  test('that no source has ends with one error that names them and the fix', async () => {
    const error = await find({ mvn: 'echo "[ERROR] no network"; exit 1' }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(StackError);
    expect((error as StackError).message.split('\n')).toEqual([
      'zipkin 3.5.1 could not be fetched. These sources failed:',
      '  Maven: no network',
      `  download: ${central.url}${FILE} returned 404`,
      '  To continue, set ZIPKIN_JAR to the path of io.zipkin:zipkin-server:3.5.1:jar:exec, or start without --traces.',
    ]);
  });

  test('can be named by ZIPKIN_JAR', async () => {
    const own = join(folder.path, 'own.jar');
    await writeFile(own, 'own');
    expect(await find({ env: { ZIPKIN_JAR: own } })).toBe(own);
    await expect(find({ env: { ZIPKIN_JAR: folder.path } })).rejects.toThrow('which is not a file');
  });
});

describe('Java', () => {
  async function javaAt(bin: string, version: string): Promise<string> {
    return await writeProgram(join(bin, 'java'), `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`);
  }

  test('is the one of JAVA_HOME, or else the one on PATH', async () => {
    const home = join(folder.path, 'jdk');
    const bin = join(folder.path, 'bin');
    await mkdir(bin, { recursive: true });
    await javaAt(bin, '17.0.15');
    expect(await findJava({ PATH: bin })).toBe('java');
    const java = await javaAt(join(home, 'bin'), '21.0.7');
    expect(await findJava({ PATH: bin, JAVA_HOME: home })).toBe(java);
  });

  test.each([
    ['1.8.0_412', 'java is Java 1'],
    ['11.0.2', 'java is Java 11'],
  ])('of version %s is too old: %s', async (version, reason) => {
    const bin = join(folder.path, 'bin');
    await javaAt(bin, version);
    await expect(findJava({ PATH: bin })).rejects.toThrow(`needs Java 17 or later, but ${reason}: install it`);
  });

  test('that is missing is one error that names the fix', async () => {
    await expect(findJava({ PATH: folder.path })).rejects.toThrow(
      '--traces starts Zipkin, which needs Java 17 or later, but java cannot be started: install it (Debian: apt-get install ' +
        'openjdk-17-jre-headless), set JAVA_HOME, or start without --traces.',
    );
  });
});
