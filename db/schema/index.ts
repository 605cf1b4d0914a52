/** All tables. `npm run migrations` compares them with the newest snapshot. */
export * from './audit.ts';
export * from './clusters.ts';
export * from './events.ts';
export * from './fleet-reports.ts';
export * from './idempotency.ts';
export * from './installation.ts';
export * from './operations.ts';
export * from './orphans.ts';
export * from './pass-positions.ts';
export * from './quotas.ts';
export * from './removals.ts';
export * from './request-counts.ts';
export * from './stores.ts';
export * from './tenants.ts';
export * from './unaccounted.ts';
export * from './users.ts';
export * from './webhooks.ts';
