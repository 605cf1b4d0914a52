import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tar from 'tar';
import { NODE } from './node-layout.ts';

/** Programs for tests and for debugging in a pod sandbox. */
const APPLETS = ['sh', 'sleep', 'mkdir', 'rm', 'ls', 'cat', 'httpd', 'wget', 'nslookup'];
/** Exits immediately on SIGTERM. `sleep` alone would ignore SIGTERM as process 1. */
const WAIT_FOR_SIGTERM = ['/bin/sh', '-c', 'trap exit TERM INT; sleep 2147483647 & wait'];

/**
 * Builds the sandbox image of pods from a statically linked busybox. It needs no image registry.
 *
 * @returns the path of a docker-archive tar below `directory`.
 */
export async function buildSandboxImage(input: {
  readonly busybox: string;
  readonly directory: string;
}): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'store-platform-sandbox-'));
  try {
    await writeLayer(work, input.busybox);
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: WAIT_FOR_SIGTERM, Env: ['PATH=/bin'], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(await readFile(join(work, 'layer.tar')))}`] },
    });
    await writeFile(join(work, 'config.json'), config);
    const manifest = [{ Config: 'config.json', RepoTags: [NODE.sandboxImage], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    await mkdir(input.directory, { recursive: true });
    const archive = join(input.directory, 'sandbox-image.tar');
    await tar.create({ file: archive, cwd: work, portable: true }, ['manifest.json', 'config.json', 'layer.tar']);
    return archive;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeLayer(work: string, busybox: string): Promise<void> {
  const bin = join(work, 'rootfs', 'bin');
  await mkdir(bin, { recursive: true });
  await copyFile(busybox, join(bin, 'busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(bin, applet));
  // A fixed time gives the layer the same digest on every start, so that containerd stores it once.
  await tar.create({ file: join(work, 'layer.tar'), cwd: join(work, 'rootfs'), portable: true, mtime: new Date(0) }, [
    'bin',
  ]);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
