import type { Page } from 'playwright-core';

/** The reports of a page: violations of its policy, and errors that no code has handled. */
export interface Reports {
  readonly policy: string[];
  readonly errors: string[];
}

const reportsOf = new WeakMap<Page, Reports>();

/** Collects the reports of a page from its first request on. */
export async function watchPage(page: Page): Promise<void> {
  const reports: Reports = { policy: [], errors: [] };
  reportsOf.set(page, reports);
  page.on('pageerror', (error) => reports.errors.push(error.stack ?? error.message));
  await page.exposeFunction('reportPolicyViolation', (text: string) => void reports.policy.push(text));
  await page.addInitScript(() => {
    document.addEventListener(
      'securitypolicyviolation',
      ({ violatedDirective, blockedURI, sourceFile, lineNumber, sample }) => {
        const report: unknown = Reflect.get(window, 'reportPolicyViolation');
        if (typeof report === 'function') {
          report(`${violatedDirective}: ${blockedURI} at ${sourceFile}:${lineNumber} ${sample}`);
        }
      },
    );
  });
}

/** Returns what a page has reported. Undefined: nothing watches the page. */
export function reportsOfPage(page: Page): Reports | undefined {
  return reportsOf.get(page);
}
