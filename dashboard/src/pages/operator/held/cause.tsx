import type { TenantOperation } from '@store-platform/client';
import { useTexts } from '../../../text/texts.ts';
import { FAILURES } from '../../stores/texts/failures.ts';
import { HELD_TEXTS } from './texts.ts';

/** Why an operation is held, in the words of the platform and of the cluster. */
export function OperationCause({ operation: { failure, cancelRequestedAt } }: { readonly operation: TenantOperation }) {
  const t = useTexts(HELD_TEXTS);
  const failures = useTexts(FAILURES);
  if (failure === null) return cancelRequestedAt === null ? '–' : t.cancelRequested;
  return (
    <div className="grid max-w-prose gap-0.5">
      <span>{failures[failure.code].title}</span>
      <span className="line-clamp-2 text-xs text-muted" title={failure.message}>
        {failure.message}
      </span>
    </div>
  );
}
