import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { browserProblem } from '../../test/harness/chromium.ts';
import { openBrowser } from '../../test/harness/node/browser.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { listen, type RunningServer } from '../server.ts';

const noBrowser = browserProblem();
if (noBrowser !== undefined) process.stderr.write(`NOT RUN: the page /docs in a real browser. ${noBrowser}\n`);

let server: RunningServer;
beforeAll(async () => {
  server = await listen(fakeApi().app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close(0));

(noBrowser === undefined ? test : test.skip)(
  'the page /docs shows the operations in a browser, breaks no rule of its policy and loads nothing from elsewhere',
  async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) problems.push(request.url());
      });
      await page.addInitScript(`
        window.violations = [];
        addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective + ' ' + event.blockedURI));
      `);
      await page.goto(`${server.url}/docs`);
      await page.getByText('Create a store', { exact: true }).first().waitFor();
      await page.getByText('Create a store', { exact: true }).first().click();
      await page.getByText('IDEMPOTENCY_KEY_REUSED').first().waitFor();
      expect(await page.evaluate('window.violations')).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
