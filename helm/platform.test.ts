import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { describeSettings } from '../config/index.ts';

/** Tests the files of the chart of the platform. platform.stack.test.ts tests the rendered objects. */

const CHART = join(import.meta.dirname, 'platform');

function chartFile(path: string): string {
  return readFileSync(join(CHART, path), 'utf8');
}

interface Schema {
  readonly $defs: { readonly settings: { readonly properties: Readonly<Record<string, unknown>> } };
}
const schema = JSON.parse(chartFile('values.schema.json')) as Schema;

function templates(): string {
  const names = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.(yaml|tpl)$/.test(name))
    .map((name) => chartFile(join('templates', name)))
    .join('\n');
}

/** Settings that the SDK of OpenTelemetry reads by itself. docs/operations.md names them. */
const OF_OPENTELEMETRY = ['OTEL_RESOURCE_ATTRIBUTES', 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_COMPRESSION'];

/** Settings that the Temporal Worker Controller adds to the pods. */
const OF_WORKER_CONTROLLER = /^TEMPORAL_(DEPLOYMENT_NAME|WORKER_BUILD_ID)$/;

/** Values that Kubernetes or the charts of the stores check. */
const PASSED_ON =
  /\/(podSelector|namespaceSelector|medusa|woocommerce|(nodeA|podA|podAntiA)ffinity|valueFrom|configMap|secret|emptyDir|projected|csi|persistentVolumeClaim)$/;

/** Returns the JSON paths of all object schemas that allow unknown keys of any type. */
function openObjects(part: unknown, path = '#'): readonly string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { type, additionalProperties } = part as { type?: unknown; additionalProperties?: unknown };
  const isOpen = type === 'object' && additionalProperties !== false && typeof additionalProperties !== 'object';
  const own = isOpen && !PASSED_ON.test(path) ? [path] : [];
  return [...own, ...Object.entries(part).flatMap(([key, value]) => openObjects(value, `${path}/${key}`))];
}

test('has the version of the platform', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  expect(parse(chartFile('Chart.yaml'))).toMatchObject({ name: 'platform', appVersion: version });
});

test('has a schema that refuses unknown keys at every level', () => {
  expect(openObjects(schema)).toEqual([]);
});

test('sets each setting of the platform itself or lets the operator set it, and not both', () => {
  const set = new Set([...templates().matchAll(/"?name"?:? "?([A-Z][A-Z_]+)\b/g)].map(([, name]) => name ?? ''));
  const given = Object.keys(schema.$defs.settings.properties);
  expect(given.filter((name) => set.has(name))).toEqual([]);
  // DATABASE_URL replaces the DB_ settings. The paths of the image are part of the image.
  const ofImage = /^(DB_(HOST|PORT|NAME|USER|PASSWORD)|KUBECONFIG|HELM_BIN|CHARTS_DIR|WORKFLOW_BUNDLE)$/;
  const settings = describeSettings()
    .map(({ name }) => name)
    .filter((name) => !OF_WORKER_CONTROLLER.test(name));
  const expected = settings.filter((name) => !ofImage.test(name) && !set.has(name));
  expect([...expected, ...OF_OPENTELEMETRY].toSorted()).toEqual(given.toSorted());
});

test('documents every value in its README', () => {
  const readme = chartFile('README.md');
  const keys = Object.keys(parse(chartFile('values.yaml')) as Record<string, unknown>);
  expect(keys.filter((key) => !readme.includes(`\`${key}`))).toEqual([]);
});
