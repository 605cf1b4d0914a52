#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiled = new URL('../../dist/cli/store-platform.mjs', import.meta.url);
if (existsSync(compiled)) await import(compiled.href);
else {
  // A fresh clone: the sources start slower, but need no build.
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const { status } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
}
