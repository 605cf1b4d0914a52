import { fileURLToPath } from 'node:url';
import type { KubernetesObject, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import { execa } from 'execa';
import { manifestDocuments } from '../../../activities/adapters/helm-record.ts';
import { type JsonObject, releaseValues } from '../../../activities/release/values.ts';
import { type Engine, engineSpec } from '../../../domain/engines/index.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { clusterInput } from './cluster-activities.ts';

const tools = createToolResolver({ env: process.env, report: (message) => process.stderr.write(`${message}\n`) });
const CHARTS = fileURLToPath(new URL('../../../helm', import.meta.url));

/** Values as the platform gives them to a chart, with `overlay` on top, even where the platform would not allow it. */
export function chartValues(engine: Engine, overlay: JsonObject = {}): JsonObject {
  // A name that would do harm if a template forgot to quote it, or if Kubernetes expanded it.
  const { store } = clusterInput({ engine, name: `"A": 'b' $(DB_PASSWORD) {{ .Values }} <c> #d` });
  const values = releaseValues(store, { scheme: 'http', port: 8080 });
  const storeOverlay = overlay['store'];
  const isObject = typeof storeOverlay === 'object' && storeOverlay !== null && !Array.isArray(storeOverlay);
  const storeValues = { ...(values['store'] as JsonObject), ...(isObject ? (storeOverlay as JsonObject) : {}) };
  return { ...values, ...overlay, store: storeValues };
}

/** What Helm makes of an engine's chart. `problem` is its complaint, empty when there is none. */
export async function renderChart(
  engine: Engine,
  values: JsonObject,
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly problem: string }> {
  const { stdout, stderr, failed } = await helmTemplate(engine, values);
  if (failed) return { objects: [], problem: stderr };
  return { objects: manifestDocuments(stdout), problem: '' };
}

/** Helm's own strict check of an engine's chart. */
export async function lintChart(engine: Engine, values: JsonObject): Promise<string> {
  const { stdout, failed } = await helm(['lint', '--strict', '--quiet', chartFolder(engine), '--values', '-'], values);
  return failed ? stdout : '';
}

/**
 * What kube-score, a linter of Kubernetes objects, calls critical in an engine's chart, a line each.
 *
 * @param overruled Ids of its checks that don't count.
 */
export async function criticalScores(
  engine: Engine,
  values: JsonObject,
  overruled: readonly string[],
): Promise<readonly string[]> {
  const { path } = await tools.resolve('kube-score');
  const rendered = await helmTemplate(engine, values);
  const ignored = overruled.flatMap((check) => ['--ignore-test', check]);
  const { stdout, exitCode } = await execa(path, ['score', '--output-format', 'ci', ...ignored, '-'], {
    input: rendered.stdout,
    reject: false,
    timeout: 60_000,
  });
  const critical = stdout.split('\n').filter((line) => line.startsWith('[CRITICAL]'));
  // It says by its exit code whether there is something critical; anything else is a failure of its own.
  if (stdout === '' || (exitCode === 0) !== (critical.length === 0))
    throw new Error(`kube-score ended with ${exitCode}`);
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
  /** `Kind/name` of what makes the pods. */
  readonly owner: string;
  readonly kind: string;
  readonly template: V1PodTemplateSpec;
  readonly spec: V1PodSpec;
}

/** The pods that a chart's objects will make. */
export function podTemplatesOf(objects: readonly KubernetesObject[]): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const template = templateIn(object);
    if (template?.spec === undefined) return [];
    const owner = `${object.kind}/${object.metadata?.name}`;
    return [{ owner, kind: object.kind ?? '', template, spec: template.spec }];
  });
}

function templateIn(object: KubernetesObject): V1PodTemplateSpec | undefined {
  const { spec } = object as {
    spec?: { template?: V1PodTemplateSpec; jobTemplate?: { spec?: { template?: V1PodTemplateSpec } } };
  };
  return spec?.jobTemplate?.spec?.template ?? spec?.template;
}
