const READ_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Returns whether requests with an HTTP method change nothing. */
export function isRead(method: string): boolean {
  return READ_METHODS.has(method);
}
