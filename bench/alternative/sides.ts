import type { CrashPoint } from './crash-point.ts';

/** What is compared. `bare-queue` is the queue as it comes: its own recovery of dead workers, no code of ours for it. */
export const SIDES = ['platform', 'queue', 'bare-queue'] as const;
export type Side = (typeof SIDES)[number];

/** All that a worker process of one side stands on. */
export interface WorkerSettings {
  readonly side: Side;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly workflowBundle: string;
  /** How long each call to the cluster takes. */
  readonly delayMs: number;
}

/** What a worker process is told. */
export type WorkerOrder = { readonly kind: 'work' } | { readonly kind: 'arm'; readonly point: CrashPoint };
