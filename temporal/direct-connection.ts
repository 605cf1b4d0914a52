import { isLoopback } from '../domain/loopback.ts';

/** The address to which the SDK connects by default. */
const DEFAULT_ADDRESS = '127.0.0.1:7233';

/**
 * Returns the options of `Connection` such that it connects to a loopback address directly. The gRPC library otherwise sends
 * also this traffic to the proxy in `https_proxy` or `http_proxy`: it knows no exception for loopback, and reads `no_proxy`
 * in lower case and without blanks only. `NativeConnection` does not read these variables.
 */
export function directToLoopback<Options extends { readonly address?: string | undefined }>(options: Options) {
  const isLocal = isLoopback(hostOf(options.address ?? DEFAULT_ADDRESS));
  return isLocal ? { ...options, channelArgs: { 'grpc.enable_http_proxy': 0 } } : options;
}

/** Returns the host of an address such as `127.0.0.1:7233`, `[::1]:7233` or `dns:///localhost:7233`. */
function hostOf(address: string): string {
  const url = `grpc://${address.replace(/^(?:dns|ipv4|ipv6):\/*/, '')}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}
