import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ENGINES, engineSpec } from '../../domain/engines/index.ts';
import { imageInPlaceOf, IMAGES } from './catalogue.ts';

async function chartFile(chart: string, name: string): Promise<Record<string, unknown>> {
  return parse(await readFile(new URL(`../../helm/${chart}/${name}`, import.meta.url), 'utf8'));
}

function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values);
}

describe.each(ENGINES)('the images of %s', (engine) => {
  const { chart, images } = engineSpec(engine);

  test('are in the catalogue unless a registry has them', () => {
    const own = Object.values(images).filter((repository) => repository.startsWith('store-platform/'));
    expect(own.filter((repository) => imageInPlaceOf(repository) === undefined)).toEqual([]);
  });

  test('have stand-ins of the version that the chart uses', async () => {
    const values = await chartFile(chart, 'values.yaml');
    for (const [path, repository] of Object.entries(images)) {
      const standsInFor = imageInPlaceOf(repository)?.standsInFor;
      const { tag } = valueAt(values, path) as { readonly tag: string };
      if (standsInFor !== undefined) expect(`${repository}:${tag}`).toBe(standsInFor);
    }
  });

  test("have the chart's appVersion as the version of the main image", async () => {
    const { appVersion } = await chartFile(chart, 'Chart.yaml');
    const main = IMAGES.find(({ name }) => images.image === `store-platform/${name}`);
    if (main !== undefined) expect(main.version).toBe(appVersion);
  });
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
