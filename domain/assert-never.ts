/** Makes a missing case of a `switch` a type error. @throws Error when it is called at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
