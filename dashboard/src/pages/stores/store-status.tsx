import { useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { isMoving, STATUS_TONES, type StoreStatus } from './model/catalogue.ts';
import { LABELS } from './texts/labels.ts';

/** The status of a store. */
export function StatusBadge({ status }: { readonly status: StoreStatus }) {
  const t = useTexts(LABELS);
  return (
    <Badge tone={STATUS_TONES[status]} isLive={isMoving(status)}>
      {t.status[status]}
    </Badge>
  );
}
