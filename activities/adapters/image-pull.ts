/** Answers that may pass: a registry that is down or overloaded, and a network without connection. */
const PASSING =
  /\b(429|5\d\d) [A-Z]|too ?many ?requests|i\/o timeout|timed out|TLS handshake|deadline exceeded|connection (refused|reset)|no such host|network is unreachable|unexpected EOF|server misbehaving/i;

/** The registry has answered that the image does not exist, or that the credentials are missing or wrong. */
const DEFINITE =
  /not found|(manifest|name) (is )?unknown|does not exist|unauthorized|forbidden|denied|authentication required|no basic auth credentials|invalid reference/i;

/**
 * Returns whether an error of the kubelet says that the registry refuses the image, and not that it could not be asked.
 * This is the only place that reads such messages.
 */
export function isDefinitePullRefusal(message: string): boolean {
  return !PASSING.test(message) && DEFINITE.test(message);
}
