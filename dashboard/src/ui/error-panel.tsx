import { ApiError, ConnectionError } from '@store-platform/client';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';

const TEXTS = defineTexts({
  en: {
    unreachable: 'The API does not respond',
    unreachableDetail: 'The page tries again by itself. Check your connection if this lasts.',
    unexpected: 'Something went wrong',
    correlationId: 'Correlation id',
    copyCorrelationId: 'Copy the correlation id',
    retry: 'Try again',
  },
  de: {
    unreachable: 'Die API antwortet nicht',
    unreachableDetail: 'Die Seite versucht es von selbst erneut. Prüfen Sie Ihre Verbindung, falls das länger dauert.',
    unexpected: 'Ein Fehler ist aufgetreten',
    correlationId: 'Korrelations-ID',
    copyCorrelationId: 'Korrelations-ID kopieren',
    retry: 'Erneut versuchen',
  },
});

/** Shows an error of the API or of the page, with the id under which the logs of the API have it. */
export function ErrorPanel({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => unknown }) {
  const t = useTexts(TEXTS);
  const problem = error instanceof ApiError ? error.problem : undefined;
  const isUnreachable = error instanceof ConnectionError;
  const title = problem?.title ?? (isUnreachable ? t.unreachable : t.unexpected);
  const detail = isUnreachable ? t.unreachableDetail : error instanceof Error ? error.message : String(error);
  const correlationId = problem?.correlationId;
  return (
    <div role="alert" className="rounded-lg border border-danger-line bg-danger-soft p-4">
      <div className="flex gap-3">
        <Icon name="alert" className="mt-0.5 text-danger" />
        <div className="grid min-w-0 flex-1 gap-1">
          <p className="font-semibold">{title}</p>
          <p>{detail}</p>
          {correlationId !== undefined && (
            <p className="flex flex-wrap items-center gap-x-1 text-xs">
              {t.correlationId}: <code className="font-mono">{correlationId}</code>
              <CopyButton text={correlationId} label={t.copyCorrelationId} />
            </p>
          )}
          {onRetry !== undefined && (
            <div className="mt-2">
              <Button icon="refresh" size="sm" onClick={() => void onRetry()}>
                {t.retry}
              </Button>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
