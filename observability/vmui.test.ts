import { expect, test } from '@jest/globals';
import type { Dashboard } from './panels/dashboard.ts';
import { DASHBOARDS } from './panels/index.ts';
import { vmuiFiles } from './vmui.ts';

const dashboard: Dashboard = {
  name: 'store',
  title: 'One store',
  description: '',
  variables: [
    { kind: 'text', name: 'store', label: 'Store id', value: '' },
    { kind: 'choice', name: 'engine', label: 'Engine', values: ['woocommerce', 'medusa'] },
  ],
  rows: [
    { title: 'Links', panels: [{ kind: 'text', title: 'Facts', text: '$store' }] },
    {
      title: 'Graphs',
      panels: [
        {
          kind: 'graph',
          title: 'Steps',
          description: 'Steps per second.',
          unit: 'reqps',
          queries: [{ expr: 'rate(steps_total{engine="$engine"}[$__rate_interval])', legend: '{{step}}' }],
        },
      ],
    },
  ],
};

test('a dashboard with a choice becomes one for each value, without its panels of text', () => {
  const files = vmuiFiles([dashboard], { rateInterval: '1m' });
  expect(files.map(({ name }) => name)).toEqual(['01-store-woocommerce.json', '02-store-medusa.json']);
  expect(JSON.parse(files[1]?.text ?? '')).toEqual({
    title: 'One store, medusa',
    rows: [
      {
        title: 'Graphs',
        panels: [
          {
            title: 'Steps',
            description: 'Steps per second.',
            unit: 'req/s',
            width: 4,
            expr: ['rate(steps_total{engine="medusa"}[1m])'],
            alias: ['{{step}}'],
          },
        ],
      },
    ],
  });
});

test('every graph of the dashboards is there, and no variable is left in a query', () => {
  const files = vmuiFiles(DASHBOARDS, { rateInterval: '1m' });
  const titles = DASHBOARDS.flatMap(({ rows }) =>
    rows.flatMap(({ panels }) => panels.filter(({ kind }) => kind === 'graph').map(({ title }) => title)),
  );
  const text = files.map((file) => file.text).join('');
  for (const title of titles) expect(text).toContain(`"title": ${JSON.stringify(title)}`);
  expect(text).not.toContain('$');
});
