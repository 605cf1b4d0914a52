import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ENGINES, engineSpec } from '../domain/engines/index.ts';

/** Tests the files of the charts. charts.stack.test.ts tests the rendered objects against Helm and a cluster. */

function chartFile(chart: string, path: string): string {
  return readFileSync(join(import.meta.dirname, chart, path), 'utf8');
}

function templatesOf(chart: string): string {
  return readdirSync(join(import.meta.dirname, chart, 'templates'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** Returns the JSON paths of all object schemas that allow unknown keys. */
function openObjects(schema: unknown, path = '#'): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, additionalProperties } = schema as { type?: unknown; additionalProperties?: unknown };
  const own = type === 'object' && additionalProperties !== false ? [path] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${path}/${key}`))];
}

/** `resources` that an operator can't override: these containers only wait for another pod. */
const FIXED = ['waiter.resources.requests', 'waiter.resources.limits'];

/** Returns all leaves of a tree of objects with their paths. An empty object is a leaf, too. */
function leavesOf(tree: unknown, path = ''): readonly (readonly [path: string, leaf: unknown])[] {
  const isBranch = typeof tree === 'object' && tree !== null && !Array.isArray(tree) && Object.keys(tree).length > 0;
  if (!isBranch) return [[path, tree]];
  return Object.entries(tree).flatMap(([key, part]) => leavesOf(part, path === '' ? key : `${path}.${key}`));
}

/** Returns the paths of a chart's values that name an image, limit a container or give the size of a volume. */
function overridableValuesOf(values: unknown): readonly string[] {
  const pattern = /(?:\.|^)(?:repository|tag|digest|size|storageClassName|(?:requests|limits)\.(?:cpu|memory))$/;
  return leavesOf(values)
    .map(([path]) => path)
    .filter((path) => pattern.test(path) && !FIXED.some((prefix) => path.startsWith(prefix)));
}

describe.each(ENGINES)('the chart of %s', (engine) => {
  const spec = engineSpec(engine);

  test('has the name and version that the platform expects', () => {
    const chart = parse(chartFile(spec.chart, 'Chart.yaml'));
    expect(chart).toMatchObject({ apiVersion: 'v2', name: spec.chart, version: spec.chartVersion });
  });

  test("reads exactly the keys of the store's Secret", () => {
    const used = [...templatesOf(spec.chart).matchAll(/\bkey: ([a-z-]+)/g)].map(([, key]) => key);
    expect(new Set(used)).toEqual(new Set(spec.secretKeys.map(({ key }) => key)));
  });

  test('reads the Secret that the platform creates', () => {
    expect(parse(chartFile(spec.chart, 'values.yaml'))).toMatchObject({ existingSecret: spec.secretName });
  });

  test('has exactly the volume claims of the specification, each with the size at its path', () => {
    const claims = templatesOf(spec.chart)
      .split('\n---\n')
      .join('\n')
      .split(/^kind: /m);
    const sizes = claims
      .filter((part) => part.startsWith('PersistentVolumeClaim'))
      .map((part) => [/^ {2}name: (\S+)$/m.exec(part)?.[1], /storage: \{\{ \.Values\.(\S+) \}\}/.exec(part)?.[1]]);
    expect(Object.fromEntries(sizes)).toEqual(spec.volumeSizes);
  });

  test('uses exactly the images of the specification', () => {
    const leaves = leavesOf(parse(chartFile(spec.chart, 'values.yaml')));
    const repositories = leaves.filter(([path]) => path.endsWith('.repository'));
    const images = repositories.map(([path, repository]) => [path.replace(/\.repository$/, ''), repository]);
    expect(Object.fromEntries(images)).toEqual(spec.images);
  });

  test('lets an operator override all images, all resources and all sizes of volumes, and nothing else', () => {
    const values: unknown = parse(chartFile(spec.chart, 'values.yaml'));
    const overridable = leavesOf(spec.overridableFields).map(([path]) => path);
    expect(overridable.toSorted()).toEqual(overridableValuesOf(values).toSorted());
  });

  test('has a schema that refuses unknown keys at every level', () => {
    expect(openObjects(JSON.parse(chartFile(spec.chart, 'values.schema.json')))).toEqual([]);
  });

  test('documents every value in its README', () => {
    const readme = chartFile(spec.chart, 'README.md');
    const keys = Object.keys(parse(chartFile(spec.chart, 'values.yaml')) as Record<string, unknown>);
    expect(keys.filter((key) => !readme.includes(`\`${key}`))).toEqual([]);
  });
});
