import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../../test/harness/eventually.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../../test/harness/webhook-receiver.ts';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

let platform: BrowserTestPlatform;
let receiver: WebhookReceiver;
beforeAll(async () => {
  [platform, receiver] = await Promise.all([openPlatform(), startWebhookReceiver()]);
});
afterAll(() => Promise.all([platform.close(), receiver.close()]));

test('an admin creates a webhook, sees its delivery, sends it again, and rotates the secret', async () => {
  const page = await platform.pageAs('admin', { path: '/settings/webhooks' });
  await page.getByRole('button', { name: 'Create webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('URL').fill('https://10.1.2.3/');
  await dialog.getByRole('button', { name: 'Create webhook' }).click();
  await dialog.getByText('its address is not public').waitFor();
  await dialog.getByLabel('URL').fill(receiver.url);
  await dialog.getByRole('button', { name: 'Create webhook' }).click();
  const secret = await dialog.getByLabel('Secret', { exact: true }).inputValue();
  expect(secret).toMatch(/^whsec_/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { level: 1, name: receiver.url }).waitFor();

  await page.getByRole('button', { name: 'Send test' }).click();
  const deliveries = page.getByRole('table', { name: 'Deliveries' });
  await deliveries.getByText('Delivered').waitFor();
  expect(await deliveries.getByRole('row').filter({ hasText: 'ping' }).textContent()).toContain('204');
  expect(receiver.received).toHaveLength(1);

  await deliveries.getByRole('button', { name: 'Details' }).click();
  await deliveries.getByRole('button', { name: 'Send again' }).click();
  await eventually(() => receiver.received.length === 2);
  const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(1);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Rotate the secret' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Create new secret' }).click();
  const rotated = await page.getByRole('dialog').getByLabel('Secret', { exact: true }).inputValue();
  expect(rotated).not.toBe(secret);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('valid until').waitFor();
});

test('says why a webhook is disabled, and enables it', async () => {
  const client = platform.clientAs('admin');
  const { data } = await client.POST('/api/webhooks', {
    params: { header: { 'Idempotency-Key': 'gone' } },
    body: { url: `${receiver.url}/gone` },
  });
  const page = await platform.pageAs('admin', { path: `/settings/webhooks/${data?.webhookId}` });
  receiver.answerWith(410);
  await page.getByRole('button', { name: 'Send test' }).click();
  await eventually(async () => {
    const { data: webhook } = await client.GET('/api/webhooks/{id}', {
      params: { path: { id: data?.webhookId ?? '' } },
    });
    return webhook?.disabledReason === 'gone';
  });
  await page.reload();
  await page.getByText('Disabled because your server answered 410').waitFor();
  await page.getByRole('table', { name: 'Deliveries' }).getByText('Failed').waitFor();
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByText('answered 410').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Send test' }).waitFor();
});

test('a member sees webhooks and their deliveries, and no action', async () => {
  const page = await platform.pageAs('member', { path: '/settings/webhooks' });
  await page.getByRole('link', { name: receiver.url }).first().waitFor();
  expect(await page.getByRole('button', { name: 'Create webhook' }).count()).toBe(0);
  await page.getByRole('link', { name: receiver.url }).first().click();
  await page.getByRole('heading', { level: 2, name: 'Deliveries' }).waitFor();
  for (const name of ['Send test', 'More actions', 'Enable']) {
    expect(await page.getByRole('button', { name }).count()).toBe(0);
  }
});

test('a viewer finds no webhooks', async () => {
  const page = await platform.pageAs('viewer', { path: '/settings/webhooks' });
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
});
