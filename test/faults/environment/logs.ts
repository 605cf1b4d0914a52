import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogPart {
  readonly name: string;
  readonly text: string;
}

/** Reads the log lines that are written after `openLogs`. */
export interface Logs {
  /** Returns, for each file of the folder, the text that was added. */
  since(): Promise<readonly LogPart[]>;
}

export async function openLogs(folder: string): Promise<Logs> {
  const sizes = new Map<string, number>();
  for (const name of await readdir(folder)) sizes.set(name, (await stat(join(folder, name))).size);
  return {
    since: async () => {
      const names = await readdir(folder);
      return Promise.all(
        names.map(async (name) => ({ name, text: await tailOf(join(folder, name), sizes.get(name) ?? 0) })),
      );
    },
  };
}

async function tailOf(path: string, from: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    await file.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
