import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { CHART_IMAGES, type ChartName, imageSpec, IMAGES } from './catalogue.ts';

const CHARTS = Object.keys(CHART_IMAGES) as ChartName[];

async function chartFile(chart: string, name: string): Promise<Record<string, unknown>> {
  return parse(await readFile(new URL(`../../helm/${chart}/${name}`, import.meta.url), 'utf8'));
}

function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values);
}

test.each(CHARTS)(
  'every image of %s is at its path in the chart values, with the official image as default',
  async (chart) => {
    const values = await chartFile(chart, 'values.yaml');
    for (const [path, name] of Object.entries(CHART_IMAGES[chart])) {
      const image = valueAt(values, path) as { readonly repository: string; readonly tag: string };
      const { standsInFor } = imageSpec(name);
      expect(image.repository).toBe(standsInFor?.split(':')[0] ?? `store-platform/${name}`);
      if (standsInFor !== undefined) expect(`${image.repository}:${image.tag}`).toBe(standsInFor);
    }
  },
);

test.each(CHARTS)('the image of %s has the version of the appVersion of its chart', async (chart) => {
  const { appVersion } = await chartFile(chart, 'Chart.yaml');
  expect(imageSpec(CHART_IMAGES[chart].image).version).toBe(appVersion);
});

test('a base image comes before the images that use it', () => {
  const order = IMAGES.map(({ name }) => name);
  for (const { name, base } of IMAGES) {
    if (base !== undefined) expect(order.indexOf(base.standin)).toBeLessThan(order.indexOf(name));
  }
});

test('the name of a stand-in ends in -standin, and no other name does', () => {
  for (const { name, standsInFor } of IMAGES) expect(name.endsWith('-standin')).toBe(standsInFor !== undefined);
});
