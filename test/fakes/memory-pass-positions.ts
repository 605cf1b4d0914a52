import type { PassPositions } from '../../domain/ports/pass-positions.ts';

/** Positions of passes in memory. */
export class MemoryPassPositions implements PassPositions {
  readonly #after = new Map<string, string | null>();

  readonly readPosition: PassPositions['readPosition'] = async (pass) => this.#after.get(pass) ?? null;

  readonly savePosition: PassPositions['savePosition'] = async ({ pass, after }) => void this.#after.set(pass, after);
}
