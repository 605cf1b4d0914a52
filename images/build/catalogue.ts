/** The images that `npm run images` can build, with their base images and folders. */

export type ImageName =
  | 'medusa'
  | 'medusa-storefront'
  | 'woocommerce'
  | 'woocommerce-web'
  | 'platform'
  | 'platform-api'
  | 'debian-standin'
  | 'node-standin'
  | 'postgres-standin'
  | 'redis-standin'
  | 'mariadb-standin';

export interface ImageSpec {
  readonly name: ImageName;
  /** Folder below `images/` that contains the Dockerfile. */
  readonly folder: string;
  /** Stage of the Dockerfile to build. Default: the last stage. An image with a target is built only when it is named. */
  readonly target?: string;
  /** First part of the tag. The digest of the content follows. */
  readonly version: string;
  /** The build argument for the base image, and the stand-in for that image. Without it the image has no base. */
  readonly base?: { readonly argument: 'NODE_IMAGE' | 'BASE_IMAGE'; readonly standin: ImageName };
  /** Input of the build in addition to the files of the folder. */
  readonly needs?: 'storefront-bundle' | 'wordpress-archives' | 'debian-root' | 'node-binaries' | 'platform-sources';
  /** Path of the CycloneDX document in the image, without a leading slash. */
  readonly sbom?: string;
  /** The official image that this one replaces on a machine that reaches no image registry. */
  readonly standsInFor?: string;
}

const DEBIAN = { argument: 'BASE_IMAGE', standin: 'debian-standin' } as const;
const NODE = { argument: 'NODE_IMAGE', standin: 'node-standin' } as const;
const PLATFORM = {
  folder: 'platform',
  version: '0.1.0',
  base: NODE,
  needs: 'platform-sources',
  sbom: 'app/sbom.cdx.json',
} as const;

/** All images in build order: a base image comes before the images that use it. */
export const IMAGES: readonly ImageSpec[] = [
  {
    name: 'debian-standin',
    folder: 'standins/debian',
    version: 'trixie',
    needs: 'debian-root',
    standsInFor: 'debian:trixie-slim',
  },
  {
    name: 'node-standin',
    folder: 'standins/node',
    version: '22.23.3',
    base: DEBIAN,
    needs: 'node-binaries',
    standsInFor: 'node:22-trixie-slim',
  },
  {
    name: 'postgres-standin',
    folder: 'standins/postgres',
    version: '17',
    base: DEBIAN,
    standsInFor: 'postgres:18-alpine',
  },
  { name: 'redis-standin', folder: 'standins/redis', version: '8', base: DEBIAN, standsInFor: 'redis:8-alpine' },
  { name: 'mariadb-standin', folder: 'standins/mariadb', version: '11.8', base: DEBIAN, standsInFor: 'mariadb:11.8' },
  { name: 'medusa-storefront', folder: 'medusa-storefront', version: '0.1.0', base: NODE, needs: 'storefront-bundle' },
  { name: 'medusa', folder: 'medusa', version: '2.21.2', base: NODE },
  { name: 'woocommerce', folder: 'woocommerce', version: '11.0.1', base: DEBIAN, needs: 'wordpress-archives' },
  { name: 'woocommerce-web', folder: 'woocommerce', target: 'web', version: '11.0.1', base: DEBIAN },
  { ...PLATFORM, name: 'platform', target: 'platform' },
  { ...PLATFORM, name: 'platform-api', target: 'api' },
];

/** @throws Error when no image has this name. */
export function imageSpec(name: ImageName): ImageSpec {
  const spec = IMAGES.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`there is no image ${name}`);
  return spec;
}

/** Returns the full repository name, to which container runtimes resolve `store-platform/…`. */
export function repositoryOf(name: ImageName): string {
  return `docker.io/store-platform/${name}`;
}

/** Images of a chart: path of the `image` object in its values → its default repository. */
export type ChartImages = Readonly<Record<string, string>>;

/** Returns the image that can be built in place of a repository that a chart names, or undefined when there is none. */
export function imageInPlaceOf(repository: string): ImageSpec | undefined {
  return IMAGES.find(({ name, standsInFor }) => {
    const replaced = standsInFor === undefined ? `store-platform/${name}` : standsInFor.split(':')[0];
    return replaced === repository;
  });
}

/** Returns the images that can be built for a chart. The chart's other images come from a registry. */
export function imagesInPlaceOf(images: ChartImages): readonly ImageSpec[] {
  return Object.values(images).flatMap((repository) => imageInPlaceOf(repository) ?? []);
}
