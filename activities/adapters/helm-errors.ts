import { type FailureCode, StoreError } from '../../domain/failure.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { refusalCodeOf } from './kube-errors.ts';

/** What Helm's words mean, in the order in which they are tried. */
const MEANINGS: readonly (readonly [RegExp, FailureCode])[] = [
  [/another operation \([^)]*\) is in progress/i, 'RELEASE_LOCKED'],
  [/values don't meet the specifications of the schema|additional ?properties|JSON schema/i, 'CHART_INVALID'],
  [
    /Chart\.yaml file is missing|chart not found|parse error at|error calling include|execution error at|YAML parse error|error converting YAML|failed to load chart|path ".*" not found|error validating data|template: .*executing/i,
    'CHART_INVALID',
  ],
  [
    /connection refused|connection reset|i\/o timeout|TLS handshake timeout|no such host|network is unreachable|cluster unreachable|unexpected EOF|http2: |the server is currently unable|too many requests|etcdserver|Internal error occurred|context deadline exceeded|ServiceUnavailable|Client\.Timeout/i,
    'CLUSTER_UNAVAILABLE',
  ],
  // Last, since a cluster that is down may say so in the words of a refusal.
  [/is forbidden|admission webhook|is invalid:/i, 'ADMISSION_REFUSED'],
];

/**
 * What a Helm that ended with an error has to say to a store.
 *
 * @param hidden Paths of this machine that callers must not see, with what stands in for each.
 */
export function translateHelmError(
  action: string,
  stderr: string,
  hidden: Readonly<Record<string, string>> = {},
): StoreError {
  let text = stderr;
  for (const [path, name] of Object.entries(hidden)) text = text.replaceAll(path, name);
  const said = oneLine(redact(withoutNoise(text)), 600);
  return new StoreError(codeOf(text), `helm could not ${action}: ${said || 'it gave no reason'}`);
}

function codeOf(stderr: string): FailureCode {
  const refusal = refusalCodeOf(stderr);
  if (refusal !== undefined) return refusal;
  return MEANINGS.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'RELEASE_FAILED';
}

/** Helm prints warnings and structured log lines before the error that counts. */
function withoutNoise(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^(WARNING|level=(WARN|INFO|DEBUG)|I\d{4} |W\d{4} )/.test(line));
  return lines.join('\n').replace(/^Error: /m, '');
}
