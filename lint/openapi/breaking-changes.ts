import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';

/** Compares the OpenAPI document with the one of the last release. Exits with 1 if a client of that release can break. */

const RELEASED = fileURLToPath(new URL('../../api/released', import.meta.url));
const CURRENT = fileURLToPath(new URL('../../api/openapi.json', import.meta.url));

/** Returns the document of the last release, such as `openapi-1.2.0.json`. */
function lastReleased(): string {
  const versions = readdirSync(RELEASED).flatMap((file) => /^openapi-(.+)\.json$/.exec(file)?.[1] ?? []);
  const last = versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (last === undefined) throw new Error(`${RELEASED} has no document of a release`);
  return join(RELEASED, `openapi-${last}.json`);
}

const report = (message: string) => void process.stderr.write(`${message}\n`);
// oxlint-disable-next-line node/no-process-env -- the resolver of tools takes the environment of the process
const { path } = await createToolResolver({ env: process.env, report }).resolve('oasdiff');
const { exitCode } = await execa(path, ['breaking', lastReleased(), CURRENT, '--fail-on', 'ERR'], {
  stdio: 'inherit',
  reject: false,
});
process.exitCode = exitCode ?? 1;
