import { defineTexts, useTexts } from '../text/texts.ts';
import { Spinner } from '../ui/spinner.tsx';

const TEXTS = defineTexts({ en: { loading: 'Loading' }, de: { loading: 'Wird geladen' } });

/** Stands for a page whose code or data loads. It appears after a moment, so that a fast load does not flash. */
export function LoadingPage() {
  const t = useTexts(TEXTS);
  return (
    <div className="grid min-h-60 place-items-center text-muted">
      <Spinner label={t.loading} className="appear-late" />
    </div>
  );
}
