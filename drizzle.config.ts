import { defineConfig } from 'drizzle-kit';

/** `npm run migrations` compares db/schema/stores.ts with the newest snapshot and writes the next SQL file. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema/index.ts',
  out: './db/migrations',
  strict: true,
});
