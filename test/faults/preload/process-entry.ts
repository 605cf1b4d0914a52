/*
 * Runs a process of the platform as its own `main.ts` does, after what the environment wants to be different. Not an `--import` of
 * Node: that would reach the SDK's threads as well.
 */
const kind = process.argv[2];
// oxlint-disable import/no-unassigned-import -- loaded for their effects
if (process.env['FAULTS_CLOCK_OFFSET_MS'] !== undefined) await import('./clock.ts');
if (kind === 'worker') {
  await import('./activities.ts');
  await import('../../../worker/main.ts');
} else {
  await import('../../../api/main.ts');
}
