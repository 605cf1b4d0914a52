/** Names of metrics as Prometheus allows them, of the sources that the platform uses, with their label matchers. */
const SELECTOR = /\b(?:store_platform|temporal|nodejs|process)[_:][a-zA-Z0-9_:]*(?:\{[^}]*\})?/g;

/** Returns the selectors in a query, such as `store_platform_stores{engine="medusa"}`. */
export function selectorsIn(query: string): readonly string[] {
  return [...query.matchAll(SELECTOR)].map(([selector]) => selector);
}

/** Returns the names of the metrics in a query. */
export function metricNamesIn(query: string): readonly string[] {
  return selectorsIn(query).map((selector) => selector.replace(/\{.*/, ''));
}
