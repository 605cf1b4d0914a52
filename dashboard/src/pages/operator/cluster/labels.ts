/** Returns the labels as text, one per line. */
export function labelsAsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n');
}

/** Returns the labels in a text, or undefined if a line is no label. */
export function labelsFromText(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    const key = line.slice(0, colon).trim();
    if (colon < 0 || key === '') return undefined;
    labels[key] = line.slice(colon + 1).trim();
  }
  return labels;
}
