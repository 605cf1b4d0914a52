/** One query of a panel. */
export interface Query {
  readonly expr: string;
  /** Name of each series, such as `{{engine}}`. */
  readonly legend: string;
}

/** A panel with a graph. */
export interface GraphPanel {
  readonly kind: 'graph';
  readonly title: string;
  readonly description: string;
  /** Unit of Grafana: `short`, `s`, `reqps`, `percentunit` or `bytes`. */
  readonly unit: 'short' | 's' | 'reqps' | 'percentunit' | 'bytes';
  readonly queries: readonly Query[];
}

/** A panel with text in Markdown. */
export interface TextPanel {
  readonly kind: 'text';
  readonly title: string;
  readonly text: string;
}

export type Panel = GraphPanel | TextPanel;

/** A field of the dashboard that its user fills in, or a choice. */
export type Variable =
  | { readonly kind: 'text'; readonly name: string; readonly label: string; readonly value: string }
  | { readonly kind: 'choice'; readonly name: string; readonly label: string; readonly values: readonly string[] };

export interface Dashboard {
  /** File name without `.json`. It is also the end of the uid. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Variable[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** Returns the quantile of a histogram, by the given labels. Grafana replaces `$__rate_interval`. */
export function quantile(
  share: number,
  histogram: string,
  { by = [], where = '' }: { readonly by?: readonly string[]; readonly where?: string } = {},
): string {
  return `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket${where}[$__rate_interval])))`;
}

/** Returns queries for the median and the 95th percentile of a histogram. */
export function medianAndP95(
  histogram: string,
  options: { readonly by?: readonly string[]; readonly where?: string } = {},
): readonly Query[] {
  const labels = (options.by ?? []).map((label) => ` {{${label}}}`).join('');
  return [
    { expr: quantile(0.5, histogram, options), legend: `p50${labels}` },
    { expr: quantile(0.95, histogram, options), legend: `p95${labels}` },
  ];
}
