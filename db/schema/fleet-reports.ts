import { sql } from 'drizzle-orm';
import { boolean, check, pgTable } from 'drizzle-orm/pg-core';
import type { FleetReport } from '../../domain/ports/fleet-records.ts';
import { document, instant } from './columns.ts';

/** The one row with the newest report about all stores. All processes share it. */
export const fleetReports = pgTable(
  'fleet_reports',
  {
    singleton: boolean('singleton').primaryKey().default(true),
    takenAt: instant('taken_at').notNull(),
    report: document<FleetReport>('report').notNull(),
  },
  (table) => [check('fleet_reports_singleton', sql`${table.singleton}`)],
);
