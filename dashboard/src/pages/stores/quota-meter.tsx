import { clsx } from 'clsx';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { useQuota } from './data/quota.ts';

const TEXTS = defineTexts({
  en: {
    used: (used: number, limit: number) => `${used} of ${limit} stores`,
  },
  de: {
    used: (used: number, limit: number) => `${used} von ${limit} Shops`,
  },
});

/** Share of the quota from which the meter warns. */
const NEARLY_FULL = 0.9;

/** Shows how many of its stores the tenant uses. Takes its place before the number is known, so that nothing moves. */
export function QuotaMeter({ className }: { readonly className?: string }) {
  const t = useTexts(TEXTS);
  const { data } = useQuota();
  const { used = 0, limit = 0 } = data?.stores ?? {};
  const share = limit === 0 ? 0 : Math.min(1, used / limit);
  return (
    <div
      className={clsx('flex h-8 items-center gap-2 text-xs text-muted', data === undefined && 'invisible', className)}
    >
      <div aria-hidden="true" className="h-1.5 w-16 overflow-hidden rounded-full bg-active">
        <div
          className={clsx(
            'h-full rounded-full',
            share >= 1 ? 'bg-danger-dot' : share >= NEARLY_FULL ? 'bg-warning-dot' : 'bg-accent',
          )}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <span>{t.used(used, limit)}</span>
    </div>
  );
}
