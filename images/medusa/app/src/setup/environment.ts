import { readFileSync } from 'node:fs';

/** Returns an environment variable. @throws Error that names it when it is missing or empty. */
export function setting(name: string): string {
  const value = process.env[name]?.trim();
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

/** Returns the content of the file that an environment variable names. @throws Error when either is missing or empty. */
export function secretFile(name: string): string {
  const path = setting(name);
  const value = readFileSync(path, 'utf8').trim();
  if (!value) throw new Error(`the file ${path} of ${name} is empty`);
  return value;
}
