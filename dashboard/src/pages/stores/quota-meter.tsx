import { clsx } from 'clsx';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Meter } from '../../ui/meter.tsx';
import { useQuota } from './data/quota.ts';

const TEXTS = defineTexts({
  en: {
    used: (used: number, limit: number) => `${used} of ${limit} stores`,
  },
  de: {
    used: (used: number, limit: number) => `${used} von ${limit} Shops`,
  },
});

/** Shows how many of its stores the tenant uses. Takes its place before the number is known, so that nothing moves. */
export function QuotaMeter({ className }: { readonly className?: string }) {
  const t = useTexts(TEXTS);
  const { data } = useQuota();
  const { used = 0, limit = 0 } = data?.stores ?? {};
  return (
    <div
      className={clsx('flex h-8 items-center gap-2 text-xs text-muted', data === undefined && 'invisible', className)}
    >
      <Meter used={used} limit={limit} className="w-16" />
      <span>{t.used(used, limit)}</span>
    </div>
  );
}
