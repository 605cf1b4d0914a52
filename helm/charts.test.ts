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

  test('has a schema that rejects unknown keys at every level', () => {
    expect(openObjects(JSON.parse(chartFile(spec.chart, 'values.schema.json')))).toEqual([]);
  });

  test('documents every value in its README', () => {
    const readme = chartFile(spec.chart, 'README.md');
    const keys = Object.keys(parse(chartFile(spec.chart, 'values.yaml')) as Record<string, unknown>);
    expect(keys.filter((key) => !readme.includes(`\`${key}`))).toEqual([]);
  });
});
