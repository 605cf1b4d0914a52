import {
  CustomVariableBuilder,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Dashboard, GraphPanel, Panel, Variable } from './panels/dashboard.ts';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
/** Grafana has 24 columns. */
const COLUMNS = 24;
const GRAPH = { width: 8, height: 8 } as const;
const TEXT_HEIGHT = 9;

/** Returns the JSON of a dashboard for Grafana. */
export function grafanaJson(dashboard: Dashboard): string {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(`store-platform-${dashboard.name}`)
    .description(dashboard.description)
    .tags(['store-platform'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  for (const variable of dashboard.variables ?? []) builder.withVariable(variableBuilder(variable));
  for (const { title, panels } of dashboard.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panelBuilder(panel));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function variableBuilder(variable: Variable) {
  if (variable.kind === 'text') {
    return new TextBoxVariableBuilder(variable.name).label(variable.label).defaultValue(variable.value);
  }
  const [first = ''] = variable.values;
  return new CustomVariableBuilder(variable.name)
    .label(variable.label)
    .values(variable.values.join(','))
    .current({ text: first, value: first, selected: true });
}

function panelBuilder(panel: Panel) {
  if (panel.kind === 'text') {
    return new TextBuilder()
      .title(panel.title)
      .span(COLUMNS)
      .height(TEXT_HEIGHT)
      .mode(TextMode.Markdown)
      .content(panel.text);
  }
  return graphBuilder(panel);
}

function graphBuilder(panel: GraphPanel): GraphBuilder {
  const builder = new GraphBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .span(GRAPH.width)
    .height(GRAPH.height)
    .unit(panel.unit)
    .min(0);
  for (const { expr, legend } of panel.queries) {
    builder.withTarget(new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).range());
  }
  return builder;
}
