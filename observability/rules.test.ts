import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parse } from 'yaml';
import { findPrometheus } from '../test/harness/prometheus.ts';
import { queryableNames } from './metrics/catalogue.ts';
import { OBJECTIVES } from './objectives/objectives.ts';
import { DASHBOARDS } from './panels/index.ts';
import { metricNamesIn } from './queries.ts';

const RULES = 'helm/platform/files/rules';
const RULE_TESTS = 'observability/rule-tests';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleTest {
  readonly promql_expr_test: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
}

function rulesIn(file: string): readonly Rule[] {
  const { groups } = parse(readFileSync(`${RULES}/${file}`, 'utf8')) as {
    groups: readonly { rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

const rules = ['alerts.yaml', 'objectives.yaml'].flatMap(rulesIn);
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
const alertNames = [...new Set(alerts.map(({ alert }) => alert))];

test('each alert has a runbook, and each runbook an alert', () => {
  const pages = readdirSync('docs/runbooks').map((file) => file.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual(alertNames.toSorted());
});

test.each(alerts)('the alert $alert has a severity, a summary, a description and its runbook', (rule) => {
  expect(['page', 'ticket']).toContain(rule.labels['severity']);
  expect(Object.keys(rule.annotations ?? {}).toSorted()).toEqual(['description', 'runbook', 'summary']);
  expect(rule.annotations?.['runbook']).toBe(`docs/runbooks/${rule.alert}.md`);
});

test.each(alertNames)('docs/runbooks/%s.md says what the alert means, how to check it and what to do', (alert) => {
  const page = readFileSync(`docs/runbooks/${alert}.md`, 'utf8');
  for (const part of [`# ${alert}\n`, '**Symptom.**', '**Meaning.**', '## Check', '## Fix'])
    expect(page).toContain(part);
});

describe('metrics', () => {
  const known = queryableNames(rules.flatMap(({ record }) => record ?? []));

  test.each(rules.map(({ alert, record, expr }) => ({ name: alert ?? record, expr })))(
    'the rule $name reads only metrics that exist: $expr',
    ({ expr }) => {
      const names = metricNamesIn(expr);
      expect(names).not.toEqual([]);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  test.each(DASHBOARDS)('the dashboard $name reads only metrics that exist', ({ rows }) => {
    const queries = rows.flatMap(({ panels }) => panels.flatMap((panel) => ('queries' in panel ? panel.queries : [])));
    const names = queries.flatMap(({ expr }) => metricNamesIn(expr));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('an objective leaves room for the fastest burn rate', () => {
  // 14.4 times the allowed share must be less than everything.
  expect(OBJECTIVES.filter(({ target }) => 14.4 * (1 - target) >= 1)).toEqual([]);
});

describe('tests of the rules', () => {
  const files = readdirSync(RULE_TESTS).map((file) => `${RULE_TESTS}/${file}`);
  const promtool = findPrometheus('promtool');
  const testIf = promtool === undefined ? test.skip : test;

  test('each alert has a test in which it fires, and one in which it does not', () => {
    const tests = files.flatMap((file) => (parse(readFileSync(file, 'utf8')) as { tests: readonly RuleTest[] }).tests);
    const expressions = tests.flatMap((each) => each.promql_expr_test);
    const tested = (fires: boolean) =>
      alertNames.filter((alert) =>
        expressions.some(
          ({ expr, exp_samples: samples }) => expr.includes(`"${alert}"`) && samples.length > 0 === fires,
        ),
      );
    expect(tested(true)).toEqual(alertNames);
    expect(tested(false)).toEqual(alertNames);
  });

  testIf(
    'promtool runs all of them',
    async () => {
      // The error of a program that fails contains its output.
      const { exitCode } = await execa(promtool ?? '', ['test', 'rules', ...files]);
      expect(exitCode).toBe(0);
    },
    300_000,
  );
});
