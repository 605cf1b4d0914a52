import { medusa } from './medusa.ts';
import type { EngineSpec } from './types.ts';
import { woocommerce } from './woocommerce.ts';

export { LOGIN_KINDS, type EngineSpec, type SecretKeySpec } from './types.ts';

/** The shop software that a store can run on, in the order of the documentation. */
export const ENGINES = ['woocommerce', 'medusa'] as const;
export type Engine = (typeof ENGINES)[number];

const ENGINE_SPECS: Readonly<Record<Engine, EngineSpec>> = { woocommerce, medusa };

/** Returns all facts about an engine that the platform needs. */
export function engineSpec(engine: Engine): EngineSpec {
  return ENGINE_SPECS[engine];
}
