import { clsx } from 'clsx';

/** Share of a limit from which the bar warns. */
const NEARLY_FULL = 0.9;

/** A bar that shows how much of a limit is used. It needs a text beside it, because it is hidden from screen readers. */
export function Meter({
  used,
  limit,
  className,
}: {
  readonly used: number;
  readonly limit: number;
  readonly className?: string;
}) {
  const share = limit === 0 ? 0 : Math.min(1, used / limit);
  const colour = share >= 1 ? 'bg-danger-dot' : share >= NEARLY_FULL ? 'bg-warning-dot' : 'bg-accent';
  return (
    <div aria-hidden="true" className={clsx('h-1.5 overflow-hidden rounded-full bg-active', className)}>
      <div className={clsx('h-full rounded-full', colour)} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
