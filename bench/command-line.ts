import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Prints a problem of the command line and the usage text, and ends the process with exit code 2. */
export function endWithUsage(problem: string, usage: string): never {
  process.stderr.write(`${problem}\n\n${usage}\n`);
  process.exit(2);
}

/** Returns the whole number of an option. Ends the process with the usage text when the text is not one between the bounds. */
export function wholeNumber(
  option: string,
  text: string,
  { min, max, usage }: { readonly min: number; readonly max: number; readonly usage: string },
): number {
  const number = Number(text);
  if (text !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
  return endWithUsage(`--${option} must be a whole number from ${min} to ${max}; got ${text}.`, usage);
}

/** Returns the options of the command line. Ends the process with the usage text when one of them is not valid. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return endWithUsage(error instanceof Error ? error.message : String(error), usage);
  }
}
