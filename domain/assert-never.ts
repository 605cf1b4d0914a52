/** Makes a forgotten member of a union a type error, and a loud bug at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
