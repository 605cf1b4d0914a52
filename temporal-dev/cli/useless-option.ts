/** Returns the problem of an option that the other ones leave without an effect, or undefined. */
export function uselessOption({
  https,
  inPods,
  command,
  isSimulated,
}: {
  readonly https: boolean;
  readonly inPods: boolean;
  readonly command: string | undefined;
  readonly isSimulated: boolean;
}): string | undefined {
  if (https && isSimulated)
    return 'Stores on simulated nodes serve no traffic, so --https has no effect: add "--cluster node" or remove it.';
  if (inPods && isSimulated) return 'Simulated nodes run no pods: add "--cluster node" or remove --in-pods.';
  if (inPods && https) return '--in-pods serves the stores over http: remove --https or --in-pods.';
  if (inPods && command === 'start')
    return '--in-pods is for a platform in pods, and "start" runs it outside: use "npm run stack" or remove --in-pods.';
  return undefined;
}
