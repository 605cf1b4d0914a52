import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { imagesWithoutDigest } from './image-digests.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
let charts: string;

beforeEach(async () => {
  charts = await mkdtemp(join(tmpdir(), 'store-platform-charts-'));
  await cp(join(import.meta.dirname, '../helm'), charts, { recursive: true });
  for (const chart of ['medusa', 'woocommerce']) await writeFile(join(charts, chart, 'digests.json'), '{}');
});

afterEach(() => rm(charts, { recursive: true }));

describe('imagesWithoutDigest', () => {
  test('lists every image of the charts, with the version of the chart for an image without a tag', async () => {
    expect(await imagesWithoutDigest(charts, {})).toEqual([
      expect.stringMatching(/^store-platform\/woocommerce:\d/),
      expect.stringMatching(/^mariadb:/),
      expect.stringMatching(/^store-platform\/medusa:\d/),
      expect.stringMatching(/^store-platform\/medusa-storefront:\d/),
      expect.stringMatching(/^postgres:/),
      expect.stringMatching(/^redis:/),
    ]);
  });

  test('leaves out an image that is locked, pinned by the operator or has a tag with the digest of its content', async () => {
    await writeFile(join(charts, 'medusa/digests.json'), JSON.stringify({ 'postgres:18-alpine': DIGEST }));
    const found = await imagesWithoutDigest(charts, {
      woocommerce: { db: { image: { digest: DIGEST } }, image: { tag: '11.0.1-616029c0577e' } },
      medusa: { image: { repository: 'registry.test/medusa' } },
    });
    expect(found.map((name) => name.replace(/:.*/, ''))).toEqual([
      'registry.test/medusa',
      'store-platform/medusa-storefront',
      'redis',
    ]);
  });

  test('names the file that is missing', async () => {
    await rm(join(charts, 'medusa/values.yaml'));
    await expect(imagesWithoutDigest(charts, {})).rejects.toThrow('medusa/values.yaml');
  });
});
