/** Colours of series, each with the class of its swatch. `charts.css` defines them for both themes. */
export const COLOURS = {
  1: 'bg-(--chart-1)',
  2: 'bg-(--chart-2)',
  3: 'bg-(--chart-3)',
  4: 'bg-(--chart-4)',
  5: 'bg-(--chart-5)',
  6: 'bg-(--chart-6)',
  success: 'bg-(--chart-success)',
  danger: 'bg-(--chart-danger)',
  neutral: 'bg-(--chart-neutral)',
} as const;

export type Colour = keyof typeof COLOURS;

/** Returns a colour variable as a canvas needs it: resolved for the theme of the page. */
export function resolvedColour(root: HTMLElement, variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  root.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
