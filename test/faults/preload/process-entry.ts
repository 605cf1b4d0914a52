/*
 * Loads the changes that the fault environment needs, then runs the `main.ts` of the API or of the worker. Node's `--import`
 * is not an option: it would also apply to the threads of the Temporal SDK.
 */
const kind = process.argv[2];
// oxlint-disable import/no-unassigned-import -- imported for their side effects
if (process.env['FAULT_CLOCK_OFFSET_MS'] !== undefined) await import('./clock.ts');
await import('./pools.ts');
if (kind === 'worker') {
  await import('./activities.ts');
  await import('../../../worker/main.ts');
} else {
  await import('../../../api/main.ts');
}
