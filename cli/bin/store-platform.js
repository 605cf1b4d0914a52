#!/usr/bin/env node
import { existsSync } from 'node:fs';

const compiled = new URL('../../dist/cli/store-platform.mjs', import.meta.url);
if (existsSync(compiled)) await import(compiled.href);
else {
  process.stderr.write('store-platform: the command line is not built. Run "npm run build".\n');
  process.exitCode = 1;
}
