import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly seed: number;
  /** Runs to do, minutes not to exceed, every fault once, or (long form) provisions to reach. */
  readonly until:
    | { readonly kind: 'runs'; readonly runs: number }
    | { readonly kind: 'minutes'; readonly minutes: number }
    | { readonly kind: 'round' }
    | { readonly kind: 'provisions'; readonly provisions: number };
  readonly isShort: boolean;
  readonly only: readonly string[];
  readonly jsonFile: string | undefined;
  /** A report whose rows stay for the faults that are not run. */
  readonly ontoFile: string | undefined;
  /** Write the table into docs/faults.md. */
  readonly writesDocs: boolean;
  readonly keepsLogs: boolean;
  readonly lists: boolean;
}

export const USAGE = `npm run faults -- [options]

  --seed N       seed of the plan; the run of one fault is repeated by --only KIND --seed <its seed>
  --runs N       end after N runs
  --minutes N    begin no further run after N minutes
  --short        some of the faults, seconds instead of minutes away, fewer stores, a part of the sweep; seed 1 unless told
  --only KIND    only this fault (may be given more than once; "sweep" for the sweep)
  --json FILE    write the report as JSON, too
  --onto FILE    the JSON of an earlier report: what is not run now stays as it says, what is run now takes its place
  --docs         write the table into docs/faults.md
  --keep-logs    copy the platform's logs to ./faults-logs when something was violated
  --list         list the faults

Without --runs and --minutes the long form goes on until every fault has had its turn and 1,000 stores were provisioned;
the short form, and what --only names, runs once.`;

const LONG_PROVISIONS = 1_000;
const SHORT_SEED = 1;
const MAX_SEED = 2 ** 31 - 1;

/** @throws Error in one sentence, with the usage below it. */
export function readOptions(args: readonly string[], newSeed: () => number): Options {
  const { values } = parse(args);
  const isShort = values.short ?? false;
  const runs = wholeNumber('--runs', values.runs);
  const minutes = wholeNumber('--minutes', values.minutes);
  const only = values.only ?? [];
  return {
    seed: wholeNumber('--seed', values.seed) ?? (isShort ? SHORT_SEED : newSeed()),
    until: endOf({ runs, minutes, isOneRound: isShort || only.length > 0 }),
    isShort,
    only,
    jsonFile: values.json,
    ontoFile: values.onto,
    writesDocs: values.docs ?? false,
    keepsLogs: values['keep-logs'] ?? false,
    lists: values.list ?? false,
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
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        onto: { type: 'string' },
        docs: { type: 'boolean' },
        'keep-logs': { type: 'boolean' },
        list: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}

function endOf({
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
  throw new Error(`${name} is a whole number from 1 to ${MAX_SEED}, not ${given}`);
}
