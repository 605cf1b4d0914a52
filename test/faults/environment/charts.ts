import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES, engineSpec } from '../../../domain/engines/index.ts';

const TINY_CHART = fileURLToPath(new URL('../../charts/tiny', import.meta.url));

/** Name prefixes of stores whose release can't become ready. The prefix is also a part of the namespace name. */
export const BROKEN_STORES = {
  badImage: 'Bad image',
  crashes: 'Crashing',
  tooBig: 'Too big',
  noVolume: 'No volume',
  noNode: 'No node',
} as const;

/** Name of the volume claim. Both engines have a claim of this name, and its size is at the same path. */
export const CLAIM = 'db-data';

/** No node has this label. */
const UNSCHEDULABLE = '(dict "nowhere" "true")';

/**
 * Template code that breaks a release by the prefix of the store name. kinds/workloads.ts writes the status of the pods that no
 * node can schedule.
 */
const BREAKAGE = `{{- $_ := set .Values "claim" "${CLAIM}" }}
{{- $name := (default (dict) .Values.store).name | default "" }}
{{- if or (hasPrefix "${BROKEN_STORES.badImage}" $name) (hasPrefix "${BROKEN_STORES.crashes}" $name) (hasPrefix "${BROKEN_STORES.noNode}" $name) }}{{- $_ := set .Values "nodeSelector" ${UNSCHEDULABLE} }}{{- end }}
{{- if hasPrefix "${BROKEN_STORES.tooBig}" $name }}{{- $_ := set .Values "cpu" "20" }}{{- end }}
{{- if hasPrefix "${BROKEN_STORES.noVolume}" $name }}{{- $_ := set .Values "storageClass" "none-such" }}{{- end }}
`;

/** The Service through which the platform reaches a store as the merchant. */
const STOREFRONT = `---
apiVersion: v1
kind: Service
metadata: { name: storefront }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`;

/** Fills a folder with charts: every engine uses the tiny chart, so that a provision takes about one second. */
export function makeCharts(folder: string): void {
  for (const engine of ENGINES) {
    const { chart, chartVersion } = engineSpec(engine);
    const target = join(folder, chart);
    cpSync(TINY_CHART, target, { recursive: true });
    rmSync(join(target, 'values.schema.json')); // the schema rejects the values of the platform
    writeFileSync(
      join(target, 'Chart.yaml'),
      `apiVersion: v2\nname: ${chart}\ndescription: The tiny chart.\nversion: ${chartVersion}\n`,
    );
    const template = join(target, 'templates', 'all.yaml');
    writeFileSync(template, `${BREAKAGE}${readFileSync(template, 'utf8')}\n${STOREFRONT}`);
  }
}
