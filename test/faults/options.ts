import { parseArgs } from 'node:util';

/** Options of the command line. */
export interface Options {
  readonly seed: number;
  /** When to stop: after some runs, after some minutes, after each fault once, or (long form) after some provisions. */
  readonly until:
    | { readonly kind: 'runs'; readonly runs: number }
    | { readonly kind: 'minutes'; readonly minutes: number }
    | { readonly kind: 'round' }
    | { readonly kind: 'provisions'; readonly provisions: number };
  readonly isShort: boolean;
  /** The Temporal server of the environment. */
  readonly temporal: 'dev' | 'cluster';
  readonly only: readonly string[];
  readonly jsonFile: string | undefined;
  /** JSON file of an earlier report. Its rows are kept for faults that do not run now. */
  readonly ontoFile: string | undefined;
  /** Whether to write the table into docs/faults.md. */
  readonly writesDocs: boolean;
  readonly keepsLogs: boolean;
  readonly lists: boolean;
  readonly showsHelp: boolean;
}

export const USAGE = `npm run faults -- [options]

  --seed N       seed of the plan; to repeat one run, use --only KIND --seed SEED with the seed of that run
  --runs N       stop after N runs
  --minutes N    start no more runs after N minutes
  --short        short form: fewer faults, shorter outages, fewer stores, a part of the crash sweep; default seed 1
  --temporal S   Temporal server of the environment: dev (default), or cluster: two nodes on the Postgres of the platform
  --only KIND    run only this fault; repeat the option for more faults; "crash-sweep" is the crash sweep
  --json FILE    also write the report as JSON
  --onto FILE    JSON of an earlier report: faults that run now replace their rows in it, all other rows are kept
  --docs         write the table into docs/faults.md
  --keep-logs    copy the logs of the platform to ./faults-logs after each run with a violation
  --list         print the faults and exit
  --help         print this text and exit

Default of the long form: run until each fault has run once and 1,500 stores are provisioned.
Default of the short form and of --only: run each fault once.`;

const LONG_PROVISIONS = 1_500;
const SHORT_SEED = 1;
const MAX_SEED = 2 ** 31 - 1;

/** @throws Error with the usage text when an option is unknown or invalid. */
export function readOptions(args: readonly string[], newSeed: () => number): Options {
  const { values } = parse(args);
  const isShort = values.short ?? false;
  const runs = wholeNumber('--runs', values.runs);
  const minutes = wholeNumber('--minutes', values.minutes);
  const only = values.only ?? [];
  const { temporal = 'dev' } = values;
  if (temporal !== 'dev' && temporal !== 'cluster') {
    throw new Error(`--temporal must be dev or cluster; got ${temporal}`);
  }
  return {
    seed: wholeNumber('--seed', values.seed) ?? (isShort ? SHORT_SEED : newSeed()),
    until: stopConditionOf({ runs, minutes, isOneRound: isShort || only.length > 0 }),
    isShort,
    temporal,
    only,
    jsonFile: values.json,
    ontoFile: values.onto,
    writesDocs: values.docs ?? false,
    keepsLogs: values['keep-logs'] ?? false,
    lists: values.list ?? false,
    showsHelp: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        runs: { type: 'string' },
        minutes: { type: 'string' },
        short: { type: 'boolean' },
        temporal: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        onto: { type: 'string' },
        docs: { type: 'boolean' },
        'keep-logs': { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}

function stopConditionOf({
  runs,
  minutes,
  isOneRound,
}: {
  readonly runs: number | undefined;
  readonly minutes: number | undefined;
  readonly isOneRound: boolean;
}): Options['until'] {
  if (runs !== undefined) return { kind: 'runs', runs };
  if (minutes !== undefined) return { kind: 'minutes', minutes };
  return isOneRound ? { kind: 'round' } : { kind: 'provisions', provisions: LONG_PROVISIONS };
}

function wholeNumber(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SEED) return value;
  throw new Error(`${name} must be a whole number from 1 to ${MAX_SEED}; got ${given}`);
}
