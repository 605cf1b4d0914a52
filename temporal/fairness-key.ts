/** Temporal's limit on a fairness key, in bytes. */
const MAX_FAIRNESS_KEY_BYTES = 64;

/** Returns the tenant id, without the characters that exceed the limit of Temporal. */
export function fairnessKeyOf(tenantId: string): string {
  const bytes = Buffer.from(tenantId);
  let end = Math.min(bytes.length, MAX_FAIRNESS_KEY_BYTES);
  // Part of a character would become the replacement character, which has three bytes.
  while (isContinuationByte(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Returns whether a byte is part of a character in UTF-8, but not its first one. */
function isContinuationByte(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
