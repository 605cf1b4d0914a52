import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';

/** `npm run lint:secrets`: searches all commits of the repository for secrets with gitleaks. It prints no secret. */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

// oxlint-disable-next-line node/no-process-env -- the resolver of tools takes the environment of the process
const resolver = createToolResolver({
  env: process.env,
  report: (message) => void process.stderr.write(`${message}\n`),
});
const { path } = await resolver.resolve('gitleaks');
const result = await execa(
  path,
  ['git', '--config', join(REPOSITORY, '.gitleaks.toml'), '--redact', '--no-banner', '--verbose', REPOSITORY],
  {
    reject: false,
    stdio: 'inherit',
  },
);
process.exitCode = result.exitCode ?? 1;
