import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** A program that runs until the test ends it. */
export interface WaitingProgram {
  readonly command: readonly [program: string, ...args: string[]];
  /** Waits until something has started the program. */
  started(): Promise<void>;
  /** Lets the program end with 0. */
  end(): void;
}

/** Creates a program that tells by files that it runs, and whether it may end. */
export function waitingProgram(): WaitingProgram {
  const folder = mkdtempSync(join(tmpdir(), 'waiting-program-'));
  const [startedFile, endFile] = [join(folder, 'started'), join(folder, 'end')];
  const script = `
    const fs = require('fs');
    fs.writeFileSync(${JSON.stringify(startedFile)}, '');
    const end = () => {
      fs.rmSync(${JSON.stringify(folder)}, { recursive: true });
      process.exit(0);
    };
    setInterval(() => fs.existsSync(${JSON.stringify(endFile)}) && end(), 50);
  `;
  return {
    command: [process.execPath, '-e', script],
    started: async () => void (await eventually(() => existsSync(startedFile))),
    end: () => writeFileSync(endFile, ''),
  };
}
