import type { PassPositions } from '../../domain/ports/pass-positions.ts';

/** Positions of passes in memory. */
export class MemoryPassPositions implements PassPositions {
  readonly #after = new Map<string, string | null>();

  readonly readPosition: PassPositions['readPosition'] = async ({ pass, cluster }) =>
    this.#after.get(`${cluster}/${pass}`) ?? null;

  readonly savePosition: PassPositions['savePosition'] = async ({ pass, cluster, after }) =>
    void this.#after.set(`${cluster}/${pass}`, after);
}
