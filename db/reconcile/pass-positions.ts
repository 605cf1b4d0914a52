import { and, eq } from 'drizzle-orm';
import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { passPositions } from '../schema/pass-positions.ts';

/** Creates the positions of the passes on a database. */
export function createPassPositions(db: Database): PassPositions {
  async function readPosition({ pass, cluster }: Parameters<PassPositions['readPosition']>[0]) {
    const [row] = await db
      .select({ after: passPositions.after })
      .from(passPositions)
      .where(and(eq(passPositions.pass, pass), eq(passPositions.cluster, cluster)));
    return row?.after ?? null;
  }

  async function savePosition({ pass, cluster, after, now }: Parameters<PassPositions['savePosition']>[0]) {
    const position = { after, updatedAt: now, ...(after === null ? { completedAt: now } : {}) };
    await db
      .insert(passPositions)
      .values({ pass, cluster, ...position })
      .onConflictDoUpdate({ target: [passPositions.pass, passPositions.cluster], set: position });
  }

  return translatingConnectionErrors({ readPosition, savePosition });
}
