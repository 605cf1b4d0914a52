import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** `npm run test:contract -- [--minutes N] [options of Jest]`: tests the running API against its OpenAPI document. */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const JEST = 'node_modules/jest/bin/jest.js';
const DEFAULT_MINUTES = 1;

const args = process.argv.slice(2);
const at = args.indexOf('--minutes');
const minutes = at < 0 ? DEFAULT_MINUTES : Number(args.splice(at, 2)[1]);
if (!(minutes > 0)) {
  process.stderr.write('--minutes needs a number above 0\n');
  process.exit(2);
}
const options = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', JEST];
const { exitCode } = await execa(process.execPath, [...options, '--config', 'jest.contract.config.js', ...args], {
  cwd: REPOSITORY,
  env: { CONTRACT_SECONDS: String(minutes * 60) },
  stdio: 'inherit',
  reject: false,
});
process.exitCode = exitCode ?? 1;
