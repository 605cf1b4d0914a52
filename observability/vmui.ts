import type { Dashboard, GraphPanel, Variable } from './panels/dashboard.ts';

/** A dashboard as a file for vmui, the web page of VictoriaMetrics. */
export interface VmuiFile {
  readonly name: string;
  readonly text: string;
}

/** vmui writes the unit behind each number of an axis. */
const UNITS: Readonly<Record<GraphPanel['unit'], string>> = {
  short: '',
  s: 's',
  reqps: 'req/s',
  percentunit: '',
  bytes: 'B',
};
/** Of the 12 columns of vmui. */
const PANEL_WIDTH = 4;

/**
 * Returns the dashboards as files for the flag `-vmui.customDashboardsPath`. vmui has graphs only, so panels with text are left
 * out. It has no variables either, so a dashboard with a choice becomes one dashboard for each value.
 *
 * @param rateInterval Replaces `$__rate_interval`, such as `1m`. It covers four scrapes or more.
 */
export function vmuiFiles(
  dashboards: readonly Dashboard[],
  { rateInterval }: { readonly rateInterval: string },
): readonly VmuiFile[] {
  const variants = dashboards.flatMap((dashboard) =>
    choicesOf(dashboard.variables ?? []).map((choice) => ({ dashboard, choice })),
  );
  return variants.map(({ dashboard, choice }, index) => {
    const values = Object.values(choice);
    const expression = (expr: string) =>
      Object.entries({ ...choice, __rate_interval: rateInterval }).reduce(
        (text, [name, value]) => text.replaceAll(`$${name}`, value),
        expr,
      );
    const rows = dashboard.rows.flatMap(({ title, panels }) => {
      const graphs = panels.filter((panel) => panel.kind === 'graph');
      return graphs.length === 0 ? [] : [{ title, panels: graphs.map((panel) => vmuiPanel(panel, expression)) }];
    });
    return {
      // vmui shows the files in the order of their names.
      name: `${[String(index + 1).padStart(2, '0'), dashboard.name, ...values].join('-')}.json`,
      text: `${JSON.stringify({ title: [dashboard.title, ...values].join(', '), rows }, null, 2)}\n`,
    };
  });
}

/** Returns every combination of the values of all choices: one without values if there is no choice. */
function choicesOf(variables: readonly Variable[]): readonly Readonly<Record<string, string>>[] {
  return variables
    .filter((variable) => variable.kind === 'choice')
    .reduce<readonly Readonly<Record<string, string>>[]>(
      (combinations, { name, values }) =>
        combinations.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value }))),
      [{}],
    );
}

function vmuiPanel({ title, description, unit, queries }: GraphPanel, expression: (expr: string) => string) {
  return {
    title,
    description,
    ...(UNITS[unit] === '' ? {} : { unit: UNITS[unit] }),
    width: PANEL_WIDTH,
    expr: queries.map(({ expr }) => expression(expr)),
    alias: queries.map(({ legend }) => legend),
  };
}
