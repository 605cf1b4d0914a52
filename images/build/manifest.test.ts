import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chartImages, describeImage, readManifest, recordImage } from './manifest.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a folder without builds has no images', async () => {
  await expect(readManifest(folder)).resolves.toEqual({ images: {} });
});

test('recording an image again replaces only its own entry', async () => {
  const redis = describeImage('redis-standin', { tag: '8-a', archive: '/r.tar', standsInFor: 'redis:8-alpine' });
  await recordImage(folder, 'redis-standin', redis);
  await recordImage(
    folder,
    'medusa',
    describeImage('medusa', { tag: '1-a', archive: '/a.tar', standsInFor: undefined }),
  );
  await recordImage(
    folder,
    'medusa',
    describeImage('medusa', { tag: '1-b', archive: '/b.tar', standsInFor: undefined }),
  );
  const { images } = await readManifest(folder);
  expect(images['redis-standin']).toEqual(redis);
  expect(images['medusa']).toMatchObject({ tag: '1-b', standsInFor: null });
});

test('a chart gets values only for the images that were built', () => {
  const medusa = describeImage('medusa', { tag: '1-a', archive: '/m.tar', standsInFor: undefined });
  const postgres = describeImage('postgres-standin', { tag: '17-a', archive: '/p.tar', standsInFor: 'postgres' });
  const chart = {
    image: 'store-platform/medusa',
    'db.image': 'postgres',
    'redis.image': 'redis',
    'mail.image': 'exim',
  };
  expect(chartImages({ images: { medusa, 'postgres-standin': postgres } }, chart)).toEqual({
    values: {
      image: { repository: 'docker.io/store-platform/medusa', tag: '1-a' },
      db: { image: { repository: 'docker.io/store-platform/postgres-standin', tag: '17-a' } },
    },
    archives: ['/m.tar', '/p.tar'],
  });
});
