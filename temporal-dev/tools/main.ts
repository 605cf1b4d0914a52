import { messageOf } from '../stack-error.ts';
import { TOOLS } from './tool-manifest.ts';
import { createToolResolver } from './tool-resolver.ts';
import type { ToolName } from './tool-spec.ts';

/** `npm run tools -- NAME …`: finds programs of the local stack, or fetches them into the cache. */

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function isTool(name: string): name is ToolName {
  return Object.hasOwn(TOOLS, name);
}

const names = process.argv.slice(2);
const tools = names.filter(isTool);
if (names.length === 0 || tools.length < names.length) {
  process.stderr.write(`usage: npm run tools -- NAME ...\n\nNames: ${Object.keys(TOOLS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  try {
    const found = await createToolResolver({ env: process.env, report: print }).resolveAll(tools);
    for (const { name, version, path } of Object.values(found)) print(`${name} ${version}: ${path}`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
