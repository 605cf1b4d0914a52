import { fileURLToPath } from 'node:url';
import type { KubernetesObject, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import { execa } from 'execa';
import { manifestDocuments } from '../../activities/adapters/helm-record.ts';
import { type JsonObject, releaseValues } from '../../activities/release-values.ts';
import type { Engine } from '../../domain/engines.ts';
import { clusterInput } from './cluster-activities.ts';
import { testStack } from './stack.ts';

const CHARTS = fileURLToPath(new URL('../../helm', import.meta.url));

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
  const { stdout, stderr, failed } = await helm(['template', 'acme', `${CHARTS}/${engine}`, '--values', '-'], values);
  if (failed) return { objects: [], problem: stderr };
  return { objects: manifestDocuments(stdout), problem: '' };
}

/** Helm's own strict check of an engine's chart. */
export async function lintChart(engine: Engine, values: JsonObject): Promise<string> {
  const { stdout, failed } = await helm(
    ['lint', '--strict', '--quiet', `${CHARTS}/${engine}`, '--values', '-'],
    values,
  );
  return failed ? stdout : '';
}

async function helm(args: readonly string[], values: JsonObject) {
  return execa(testStack().HELM_BIN, args, { input: JSON.stringify(values), reject: false, timeout: 60_000 });
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
