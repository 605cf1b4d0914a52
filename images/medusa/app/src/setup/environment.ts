import { readFileSync } from 'node:fs';

/** @throws Error that names the variable. */
export function setting(name: string): string {
  const value = process.env[name]?.trim();
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

/** @throws Error that names the variable which is missing or leads to no file. */
export function secretFile(name: string): string {
  const path = setting(name);
  const value = readFileSync(path, 'utf8').trim();
  if (!value) throw new Error(`the file that ${name} names is empty: ${path}`);
  return value;
}
