import { grafanaJson } from './grafana.ts';
import { metricsPage } from './metrics/page.ts';
import { objectiveRules } from './objectives/rules.ts';
import { DASHBOARDS } from './panels/index.ts';

/** Returns every file that `npm run observability` writes, relative to the repository. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: 'docs/metrics.md', text: metricsPage() },
    { path: 'helm/platform/files/rules/objectives.yaml', text: objectiveRules() },
    ...DASHBOARDS.map((dashboard) => ({
      path: `helm/platform/files/dashboards/${dashboard.name}.json`,
      text: grafanaJson(dashboard),
    })),
  ];
}
