import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPlatform, type BrowserTestPlatform } from '../test/platform.ts';
import { auditPage, lighthouseProblem } from './audit-page.ts';

/** Lighthouse needs seconds, and minutes on a busy machine. */
const AUDIT_MS = 240_000;
/** `npm run bench -- --only dashboard` measures the performance, which depends on what else the machine does. */
const CATEGORIES = ['accessibility', 'best-practices'] as const;
const ENOUGH = 0.95;

const problem = lighthouseProblem();
if (problem !== undefined) console.warn(`The tests with Lighthouse are skipped. ${problem}.`);

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform?.close());

(problem === undefined ? test : test.skip).each([
  // First: the browser has no session cookie yet.
  ['the login', '/login', false],
  ['the list of stores', '/', true],
] as const)(
  `the page of %s has a score of at least ${ENOUGH} for accessibility and best practices`,
  async (_name, path, isLoggedIn) => {
    const { scores, findings } = await auditPage(`${platform.url}${path}`, {
      port: platform.env.debuggingPort,
      categories: CATEGORIES,
      ...(isLoggedIn ? { cookie: platform.cookieOf('admin') } : {}),
    });
    const isEnough = CATEGORIES.map((category) => (scores[category] ?? 0) >= ENOUGH);
    // The findings say what lowers a score that is too low.
    expect({ scores, findings, isEnough }).toEqual({ scores, findings, isEnough: [true, true] });
  },
  AUDIT_MS,
);
