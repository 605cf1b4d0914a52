import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES, engineSpec } from '../../../domain/engines/index.ts';

const TINY_CHART = fileURLToPath(new URL('../../charts/tiny', import.meta.url));

/** Stores whose names begin so are made of a release that can't become ready. The word is part of their namespace, too. */
export const BROKEN_STORES = {
  badImage: 'Bad image',
  crashes: 'Crashing',
  tooBig: 'Too big',
  noVolume: 'No volume',
  noNode: 'No node',
} as const;

const NOWHERE = '(dict "nowhere" "true")';

/** What breaks the release of a store, by the beginning of its name; the environment reports for pods that no node takes. */
const BREAKAGE = `{{- $name := (default (dict) .Values.store).name | default "" }}
{{- if or (hasPrefix "${BROKEN_STORES.badImage}" $name) (hasPrefix "${BROKEN_STORES.crashes}" $name) (hasPrefix "${BROKEN_STORES.noNode}" $name) }}{{- $_ := set .Values "nodeSelector" ${NOWHERE} }}{{- end }}
{{- if hasPrefix "${BROKEN_STORES.tooBig}" $name }}{{- $_ := set .Values "cpu" "20" }}{{- end }}
{{- if hasPrefix "${BROKEN_STORES.noVolume}" $name }}{{- $_ := set .Values "storageClass" "none-such" }}{{- end }}
`;

/** A folder in which every engine is the tiny chart: a provision takes about a second. */
export function makeCharts(folder: string): void {
  for (const engine of ENGINES) {
    const { chart, chartVersion } = engineSpec(engine);
    const home = join(folder, chart);
    cpSync(TINY_CHART, home, { recursive: true });
    rmSync(join(home, 'values.schema.json')); // it knows nothing of the platform's own values
    writeFileSync(
      join(home, 'Chart.yaml'),
      `apiVersion: v2\nname: ${chart}\ndescription: The tiny chart.\nversion: ${chartVersion}\n`,
    );
    const template = join(home, 'templates', 'all.yaml');
    writeFileSync(template, BREAKAGE + readFileSync(template, 'utf8'));
  }
}
