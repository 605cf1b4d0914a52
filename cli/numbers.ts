import { InvalidArgumentError } from 'commander';

/** Returns the number of an option. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number above 0.');
  return Number(text);
}
