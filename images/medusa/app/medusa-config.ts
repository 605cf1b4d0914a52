import { defineConfig } from '@medusajs/framework/utils';

/** Medusa itself prints an error about a missing secret and then ends as if all were well, so a Job would look complete. */
function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  // `medusa build` reads this file too, with no store in sight.
  if (process.argv.includes('build')) return '';
  console.error(`${name} is missing: every process of a store needs it`);
  process.exit(1);
}

const WORKER_MODES = ['server', 'worker', 'shared'] as const;
type WorkerMode = (typeof WORKER_MODES)[number];

function workerMode(): WorkerMode {
  const mode = process.env.MEDUSA_WORKER_MODE || 'shared';
  const known = WORKER_MODES.find((candidate) => candidate === mode);
  if (known) return known;
  console.error(`MEDUSA_WORKER_MODE is ${mode}: it must be one of ${WORKER_MODES.join(', ')}`);
  process.exit(1);
}

const redisUrl = required('REDIS_URL');
const publicUrl = process.env.MEDUSA_BACKEND_URL || 'http://localhost:9000';

export default defineConfig({
  projectConfig: {
    databaseUrl: required('DATABASE_URL'),
    redisUrl,
    databaseDriverOptions: { connection: { ssl: false }, pool: { max: 10 } },
    workerMode: workerMode(),
    // In production Medusa marks its cookie as secure, and browsers then drop it on a store without TLS.
    cookieOptions: { secure: publicUrl.startsWith('https:') },
    http: {
      storeCors: process.env.STORE_CORS || '',
      adminCors: process.env.ADMIN_CORS || '',
      authCors: process.env.AUTH_CORS || '',
      jwtSecret: required('JWT_SECRET'),
      cookieSecret: required('COOKIE_SECRET'),
    },
  },
  admin: { disable: process.env.DISABLE_MEDUSA_ADMIN !== 'false' },
  // Kept in Redis: with them in memory, or with locks in Postgres, two processes can make two orders of one cart.
  modules: [
    {
      resolve: '@medusajs/medusa/caching',
      options: {
        providers: [
          { resolve: '@medusajs/caching-redis', id: 'caching-redis', is_default: true, options: { redisUrl } },
        ],
      },
    },
    { resolve: '@medusajs/medusa/event-bus-redis', options: { redisUrl } },
    { resolve: '@medusajs/medusa/workflow-engine-redis', options: { redis: { redisUrl } } },
    {
      resolve: '@medusajs/medusa/locking',
      options: {
        providers: [
          { resolve: '@medusajs/medusa/locking-redis', id: 'locking-redis', is_default: true, options: { redisUrl } },
        ],
      },
    },
    {
      resolve: '@medusajs/medusa/file',
      options: {
        providers: [
          {
            resolve: '@medusajs/medusa/file-local',
            id: 'local',
            // `/static` is always served from this folder; another one would take uploads and never show them.
            options: { upload_dir: 'static', private_upload_dir: 'static', backend_url: `${publicUrl}/static` },
          },
        ],
      },
    },
  ],
});
