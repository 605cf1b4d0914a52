const EXPONENTS = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/**
 * Returns the bytes of a Kubernetes quantity such as `10Gi`, `1500M` or `12e6`; undefined if the text is no amount of
 * bytes.
 */
export function bytesOf(quantity: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:([KMGTPE])i|([kMGTPE])|e(\d{1,2}))?$/.exec(quantity);
  if (match === null) return undefined;
  const [, amount, binary, decimal, exponent] = match;
  if (binary !== undefined) return Number(amount) * 1_024 ** EXPONENTS.indexOf(binary);
  if (decimal !== undefined) return Number(amount) * 1_000 ** EXPONENTS.indexOf(decimal.toUpperCase());
  return Number(amount) * 10 ** Number(exponent ?? 0);
}

/** Returns whether a quantity is larger than another one. False if one of them is no amount of bytes. */
export function isLarger(quantity: string, other: string): boolean {
  const [first, second] = [bytesOf(quantity), bytesOf(other)];
  return first !== undefined && second !== undefined && first > second;
}
