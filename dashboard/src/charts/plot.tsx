import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../shell/theme.ts';
import { formatNumber } from '../text/format.ts';
import { useLanguage, type Language } from '../text/language.tsx';
import { axisRange, axisValues, stacked, type ChartData, type Positions } from './chart-data.ts';
import { resolvedColour } from './colours.ts';

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
const FONT = '12px ui-sans-serif, system-ui, sans-serif';
/** The bars of many buckets are thin, and those of few ones are not wider than this. */
const MAX_BAR_WIDTH = 40;

/**
 * Draws a chart on a canvas. Screen readers do not see it: `Chart` has its summary and its table.
 *
 * @param onPosition Receives the index below the pointer, or null.
 */
export function Plot({
  data,
  onPosition,
}: {
  readonly data: ChartData;
  readonly onPosition: (index: number | null) => void;
}) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  const { language } = useLanguage();
  useEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    const plot = new uPlot(optionsOf(element, data, { language, onPosition }), rowsOf(data), element);
    const observer = new ResizeObserver(() => plot.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
    // The theme changes the colours that are read from the page.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [data, language, onPosition, theme]);
  return <div ref={root} aria-hidden="true" className="h-44 w-full overflow-hidden" />;
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)');

function onSchemeChange(listener: () => void): () => void {
  darkScheme.addEventListener('change', listener);
  return () => darkScheme.removeEventListener('change', listener);
}

/** Returns a value that changes with the colours of the page. */
function useShownTheme(): string {
  const isDark = useSyncExternalStore(onSchemeChange, () => darkScheme.matches);
  return `${useTheme()} ${isDark}`;
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement) {
  return { width: clientWidth, height: clientHeight };
}

/** Returns the rows of uPlot. It draws later rows above earlier ones, so the highest bar of a stack comes first. */
function rowsOf({ shape, positions, series }: ChartData): uPlot.AlignedData {
  const rows = shape === 'bars' ? stacked(series).toReversed() : series.map(({ values }) => [...values]);
  return [axisValues(positions), ...rows];
}

function optionsOf(
  element: HTMLElement,
  data: ChartData,
  { language, onPosition }: { readonly language: Language; readonly onPosition: (index: number | null) => void },
): uPlot.Options {
  const { shape, positions, series } = data;
  const muted = resolvedColour(element, '--muted');
  const line = resolvedColour(element, '--line');
  const drawn = shape === 'bars' ? series.toReversed() : series;
  const axis = { stroke: muted, font: FONT, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const paths = shape === 'bars' ? uPlot.paths.bars?.({ size: [0.8, MAX_BAR_WIDTH] }) : uPlot.paths.linear?.();
  return {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { y: false, points: { show: shape === 'line' }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => onPosition(cursor.idx ?? null)] },
    scales: {
      x: { time: positions.kind === 'time', range: axisRange(positions) },
      y: { range: (_, low, high) => yRange(low ?? 0, high ?? 0) },
    },
    axes: [
      { ...axis, size: 28, ...ticksOf(positions), grid: { show: false }, values: labelsOf(positions, language) },
      {
        ...axis,
        size: 48,
        incrs: WHOLE_STEPS,
        values: (_, splits) => splits.map((y) => formatNumber(Math.abs(y), language)),
      },
    ],
    series: [
      {},
      ...drawn.map(({ colour }): uPlot.Series => {
        const stroke = resolvedColour(element, `--chart-${colour}`);
        return {
          stroke,
          paths,
          points: { show: false },
          ...(shape === 'bars' ? { fill: stroke, width: 0 } : { width: 2 }),
        };
      }),
    ],
  };
}

/** The axis always shows zero, and has room above the highest value. */
function yRange(low: number, high: number): [number, number] {
  return [Math.min(0, Math.floor(low * 1.1)), Math.max(4, Math.ceil(high * 1.1))];
}

/** Every class has its own tick, if there is room. */
function ticksOf({ kind }: Positions): Pick<uPlot.Axis, 'incrs' | 'space'> {
  return kind === 'classes' ? { incrs: [1, 2, 3, 4], space: 60 } : { space: 64 };
}

function labelsOf(positions: Positions, language: Language): (_: uPlot, splits: number[]) => (string | null)[] {
  if (positions.kind === 'classes') return (_, splits) => splits.map((index) => positions.labels[index] ?? null);
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
  const hour = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  return (_, splits) =>
    splits.map((seconds) => {
      const at = new Date(seconds * 1_000);
      return (at.getHours() + at.getMinutes() === 0 ? day : hour).format(at);
    });
}
