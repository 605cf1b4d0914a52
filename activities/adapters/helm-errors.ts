import { type FailureCode, StoreError } from '../../domain/failure.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { classifyCall } from './refusal.ts';

/** Errors of Helm itself. `classifyCall` decides about those that Helm quotes from the cluster. */
const HELM_MESSAGES: readonly (readonly [RegExp, FailureCode])[] = [
  // Server-side apply: another field manager owns a field, and Helm wants another value.
  [/conflict occurred while applying|Apply failed with \d+ conflicts?/i, 'FIELD_CONFLICT'],
  [/another operation \([^)]*\) is in progress/i, 'RELEASE_LOCKED'],
  [/values don't meet the specifications of the schema|additional ?properties|JSON schema/i, 'CHART_INVALID'],
  [
    /Chart\.yaml file is missing|chart not found|parse error at|error calling include|execution error at|YAML parse error|error converting YAML|failed to load chart|path ".*" not found|error validating data|template: .*executing/i,
    'CHART_INVALID',
  ],
];

/** Helm, when the API server does not serve a kind of the chart. */
const UNKNOWN_KIND = /no matches for kind "([^"]+)" in version "([^"]+)"/i;
/** Every cluster serves these, so their absence means that the API server is starting. */
const BUILT_IN_VERSIONS: ReadonlySet<string> = new Set([
  'v1',
  'apps/v1',
  'batch/v1',
  'networking.k8s.io/v1',
  'policy/v1',
]);

/** Helm then prints the output of the credential plugin and its path, which only operators may see. */
const PLUGIN_FAILED = /getting credentials: /i;

/**
 * Translates the error of a Helm process.
 *
 * @param action The command, as an infinitive, such as `install the release x`.
 * @param hidden Paths of this machine that callers must not see, each with its replacement.
 */
export function translateHelmError(
  action: string,
  stderr: string,
  hidden: Readonly<Record<string, string>> = {},
): StoreError {
  let text = stderr;
  for (const [path, name] of Object.entries(hidden)) text = text.replaceAll(path, name);
  const detail = oneLine(redact(withoutWarnings(text)), 600);
  if (PLUGIN_FAILED.test(text)) {
    const message = `helm could not ${action}: the platform could not load its credentials for the Kubernetes API`;
    return new StoreError('CLUSTER_UNAVAILABLE', message, { cause: new Error(detail) });
  }
  const [, kind, version] = UNKNOWN_KIND.exec(text) ?? [];
  if (kind !== undefined && version !== undefined) {
    const code = BUILT_IN_VERSIONS.has(version) ? 'CLUSTER_UNAVAILABLE' : 'CHART_INVALID';
    return new StoreError(code, `helm could not ${action}: ${unknownKind(kind, version)}`);
  }
  return new StoreError(codeOf(text), `helm could not ${action}: ${detail || 'it gave no reason'}`);
}

/** Returns a sentence for a kind that the cluster does not have. */
export function unknownKind(kind: string, version: string): string {
  return `the cluster has no kind ${kind} of ${version}: install its CustomResourceDefinition, or change the values of the chart`;
}

function codeOf(stderr: string): FailureCode {
  const found = HELM_MESSAGES.find(([pattern]) => pattern.test(stderr));
  return found?.[1] ?? classifyCall({ message: stderr }) ?? 'RELEASE_FAILED';
}

/** Helm prints warnings and structured log lines before the error message. */
function withoutWarnings(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^(WARNING|level=(WARN|INFO|DEBUG)|I\d{4} |W\d{4} )/.test(line));
  return lines.join('\n').replace(/^Error: /m, '');
}
