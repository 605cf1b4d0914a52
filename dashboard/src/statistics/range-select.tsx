import { useSearchParams } from 'wouter';
import { useTexts } from '../text/texts.ts';
import { Select } from '../ui/select.tsx';
import { RANGES, type RangeName } from './data.ts';
import { STATISTICS_TEXTS } from './texts.ts';

const NAMES = Object.keys(RANGES) as readonly RangeName[];

/** Returns the range in the address of the page, and the function that changes it. */
export function useRange(): readonly [RangeName, (range: RangeName) => void] {
  const [params, setParams] = useSearchParams();
  const named = NAMES.find((name) => name === params.get('range'));
  const setRange = (range: RangeName): void => {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.set('range', range);
        return next;
      },
      { replace: true },
    );
  };
  return [named ?? 'month', setRange];
}

/** Chooses the range of the pictures. */
export function RangeSelect({
  value,
  onChange,
}: {
  readonly value: RangeName;
  readonly onChange: (range: RangeName) => void;
}) {
  const t = useTexts(STATISTICS_TEXTS);
  return (
    <Select
      aria-label={t.range}
      className="w-44"
      value={value}
      onChange={onChange}
      options={NAMES.map((name) => ({ value: name, label: t.ranges[name] }))}
    />
  );
}
