import { formatInstant, formatRelative, relativeStepMs } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { Tooltip } from './tooltip.tsx';
import { useNow } from './use-now.ts';

/** A time relative to now. The local time and UTC appear with the pointer or the focus on it. */
export function Time({
  value,
  absolute = false,
  className,
}: {
  /** An instant in ISO 8601, or null: then a dash is shown. */
  readonly value: string | null | undefined;
  /** Shows the local date and time instead. */
  readonly absolute?: boolean;
  readonly className?: string;
}) {
  if (value === null || value === undefined) return <span className="text-muted">–</span>;
  return <Instant value={value} absolute={absolute} className={className} />;
}

function Instant({
  value,
  absolute,
  className,
}: {
  readonly value: string;
  readonly absolute: boolean;
  readonly className: string | undefined;
}) {
  const { language } = useLanguage();
  const at = Date.parse(value);
  const now = useNow(absolute ? null : (nowMs) => relativeStepMs(at, nowMs));
  const local = formatInstant(at, language);
  const utc = formatInstant(at, language, 'UTC');
  return (
    <Tooltip
      text={
        <>
          <span className="block">{local}</span>
          <span className="block text-muted">{utc}</span>
        </>
      }
    >
      <time
        dateTime={value}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the tooltip must be reachable by keyboard
        tabIndex={0}
        className={className === undefined ? 'relative z-10 rounded-sm whitespace-nowrap' : className}
      >
        {absolute ? local : formatRelative(at, now, language)}
      </time>
    </Tooltip>
  );
}
