import { fileURLToPath } from 'node:url';
import type { KubernetesObject, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import { execa } from 'execa';
import { manifestDocuments } from '../../../activities/adapters/helm-record.ts';
import { type JsonObject, type ReleaseOptions, releaseValues } from '../../../activities/release/values.ts';
import { type Engine, engineSpec } from '../../../domain/engines/index.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { clusterInput } from './cluster-activities.ts';

const tools = createToolResolver({ env: process.env, report: (message) => process.stderr.write(`${message}\n`) });
const CHARTS = fileURLToPath(new URL('../../../helm', import.meta.url));

/** Returns the values that the platform passes to a chart, with `overlay` on top. The overlay may set values that the platform forbids. */
export function chartValues(
  engine: Engine,
  overlay: JsonObject = {},
  options: ReleaseOptions = { scheme: 'http', port: 8080 },
): JsonObject {
  // This name breaks the manifest if a template does not quote it, or if Kubernetes expands it.
  const { store } = clusterInput({ engine, name: `"A": 'b' $(DB_PASSWORD) {{ .Values }} <c> #d` });
  const values = releaseValues(store, options);
  const storeOverlay = overlay['store'];
  const isObject = typeof storeOverlay === 'object' && storeOverlay !== null && !Array.isArray(storeOverlay);
  const storeValues = { ...(values['store'] as JsonObject), ...(isObject ? (storeOverlay as JsonObject) : {}) };
  return { ...values, ...overlay, store: storeValues };
}

/** Renders an engine's chart with Helm. `problem` is Helm's error message, or empty if rendering succeeds. */
export async function renderChart(
  engine: Engine,
  values: JsonObject,
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly problem: string }> {
  const { stdout, stderr, failed } = await helmTemplate(engine, values);
  if (failed) return { objects: [], problem: stderr };
  return { objects: manifestDocuments(stdout), problem: '' };
}

/** Runs `helm lint --strict` on an engine's chart. Returns Helm's findings, or an empty string if there are none. */
export async function lintChart(engine: Engine, values: JsonObject): Promise<string> {
  const { stdout, failed } = await helm(['lint', '--strict', '--quiet', chartFolder(engine), '--values', '-'], values);
  return failed ? stdout : '';
}

/**
 * Runs kube-score, a linter for Kubernetes objects, on an engine's chart.
 *
 * @param ignoredChecks Ids of kube-score checks to ignore.
 * @returns The critical findings, one line each.
 * @throws Error if kube-score itself fails.
 */
export async function criticalScores(
  engine: Engine,
  values: JsonObject,
  ignoredChecks: readonly string[],
): Promise<readonly string[]> {
  const rendered = await helmTemplate(engine, values);
  return criticalScoresOf(rendered.stdout, ignoredChecks);
}

/** Runs kube-score on rendered objects, a YAML stream. Returns and throws as `criticalScores`. */
export async function criticalScoresOf(manifest: string, ignoredChecks: readonly string[]): Promise<readonly string[]> {
  const { path } = await tools.resolve('kube-score');
  const ignored = ignoredChecks.flatMap((check) => ['--ignore-test', check]);
  const { stdout, exitCode } = await execa(path, ['score', '--output-format', 'ci', ...ignored, '-'], {
    input: manifest,
    reject: false,
    timeout: 60_000,
  });
  const critical = stdout.split('\n').filter((line) => line.startsWith('[CRITICAL]'));
  // Its exit code says whether a finding is critical. Any other combination means that kube-score itself failed.
  if (stdout === '' || (exitCode === 0) !== (critical.length === 0))
    throw new Error(`kube-score failed with exit code ${exitCode}`);
  return critical;
}

function chartFolder(engine: Engine): string {
  return `${CHARTS}/${engineSpec(engine).chart}`;
}

function helmTemplate(engine: Engine, values: JsonObject) {
  return helm(['template', 'acme', chartFolder(engine), '--values', '-'], values);
}

async function helm(args: readonly string[], values: JsonObject) {
  const { path } = await tools.resolve('helm');
  return execa(path, args, { input: JSON.stringify(values), reject: false, timeout: 60_000 });
}

export interface PodTemplate {
  /** `Kind/name` of the object that creates the pods. */
  readonly owner: string;
  readonly kind: string;
  readonly template: V1PodTemplateSpec;
  readonly spec: V1PodSpec;
}

/** Returns the pod templates of a chart's objects. */
export function podTemplatesOf(objects: readonly KubernetesObject[]): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const template = templateIn(object);
    if (template?.spec === undefined) return [];
    const owner = `${object.kind}/${object.metadata?.name}`;
    return [{ owner, kind: object.kind ?? '', template, spec: template.spec }];
  });
}

/**
 * Returns what tools and an API server without the Worker Controller can check: the pods of a WorkerDeployment as a Deployment, and nothing
 * of a Connection. All other objects stay as they are. The definitions of these kinds are in no Go module.
 */
export function servedForm(object: KubernetesObject): readonly KubernetesObject[] {
  if (object.apiVersion !== 'temporal.io/v1alpha1') return [object];
  return podTemplatesOf([object]).map(({ template }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: object.metadata?.name ?? '' },
    spec: { replicas: 2, selector: { matchLabels: template.metadata?.labels }, template },
  }));
}

function templateIn(object: KubernetesObject): V1PodTemplateSpec | undefined {
  const { spec } = object as { spec?: { template?: V1PodTemplateSpec } };
  return spec?.template;
}
