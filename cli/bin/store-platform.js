#!/usr/bin/env node
import { existsSync } from 'node:fs';

const compiled = new URL('../../dist/cli/store-platform.mjs', import.meta.url);
if (existsSync(compiled)) await import(compiled.href);
else {
  // A fresh clone: the sources start slower, but need no build.
  const { register } = await import('tsx/esm/api');
  register();
  await import('../main.ts');
}
