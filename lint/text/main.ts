import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Finding, lintText } from './lint-text.ts';

const HELP = `Checks the English of Markdown, comments and strings.

  npm run lint:text                  all files that git knows
  npm run lint:text -- docs api      only files below these folders, or these files
  npm run lint:text -- --summary     only the number of findings per folder

Put code and quoted names in backticks: the check skips them. To exclude a line, write "lint-text-ignore: <reason>" in a
comment on it or above it. "lint-text-ignore-start" and "lint-text-ignore-end" exclude the lines between them.
`;

/** Files that a tool generates or records. */
const GENERATED =
  /(^|\/)(package-lock\.json|openapi\.json|wp-cli-recording\.json)$|^(db\/migrations|workflows\/histories)\//;

const { values, positionals } = readArguments();

if (values.help) process.stdout.write(HELP);
else process.exitCode = report(listFiles(positionals).flatMap((path) => lintText(path, readFileSync(path, 'utf8'))));

/** Ends the process with one sentence when an option is unknown. */
function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { summary: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(2);
  }
}

function listFiles(paths: readonly string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths];
  const files = execFileSync('git', args, { encoding: 'utf8' }).split('\n');
  return files.filter((path) => path !== '' && !GENERATED.test(path) && existsSync(path));
}

/** Prints the findings and returns the exit code. */
function report(findings: readonly Finding[]): number {
  if (values.summary) {
    const counts = new Map<string, number>();
    for (const { path } of findings) {
      const folder = path.split('/').slice(0, 2).join('/');
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    for (const [folder, count] of counts) console.log(`${String(count).padStart(6)}  ${folder}`);
  } else {
    for (const { path, line, column, found, hint } of findings) {
      console.log(`${path}:${line}:${column}  "${found}"  ${hint}`);
    }
  }
  if (findings.length === 0) return 0;
  console.log(`\nFindings: ${findings.length}. "npm run lint:text -- --help" says how to exclude a quotation.`);
  return 1;
}
