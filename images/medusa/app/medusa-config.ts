import { defineConfig } from '@medusajs/framework/utils';

/**
 * Returns a required environment variable. Exits with code 1 when it is missing: Medusa itself would print an error and exit with
 * code 0, and a Job would look complete.
 */
function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  // `medusa build` also reads this file, without a store.
  if (process.argv.includes('build')) return '';
  console.error(`the environment variable ${name} is missing: every process of a store needs it`);
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
    // In production Medusa marks its cookie as secure, and browsers drop a secure cookie of a store without TLS.
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
  // These modules use Redis. With modules in memory, or with locks in Postgres, two processes can create two orders from one cart.
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
            // Medusa always serves `/static` from this folder. Uploads to another folder would never be visible.
            options: { upload_dir: 'static', private_upload_dir: 'static', backend_url: `${publicUrl}/static` },
          },
        ],
      },
    },
  ],
});
