import type { TenantEvent } from '@store-platform/client';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { useLocation } from 'wouter';
import { useEvents } from '../api/live.tsx';
import { storeQuery } from '../api/queries.ts';
import { useTexts } from '../text/texts.ts';
import { isOutcome, OUTCOMES, type NotificationList } from './notifications.ts';
import { OUTCOME_TEXTS } from './outcome-texts.ts';

const TOASTS = { success: toast.success, danger: toast.error, warning: toast.warning, neutral: toast.info } as const;

/** Shows a toast for each outcome of an operation, and keeps it in the list of notifications. */
export function Outcomes({ list }: { readonly list: NotificationList }) {
  const t = useTexts(OUTCOME_TEXTS);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  useEvents(({ event, isMissed }) => {
    const { type, tenantSeq: seq, storeId, at } = event;
    if (!isOutcome(type)) return;
    const show = async (): Promise<void> => {
      const storeName = await nameOf(client, event);
      list.add({ seq, type, storeId, storeName, at, isRead: false });
      // The tab in front shows the toast. A missed outcome is only in the list.
      if (isMissed || document.visibilityState === 'hidden') return;
      TOASTS[OUTCOMES[type]](t.outcomes[type](storeName), {
        id: `outcome-${seq}`,
        action: { label: t.open, onClick: () => navigate(`/stores/${storeId}`) },
      });
    };
    void show();
  });
  return null;
}

/** Returns the name of the store of an event, or its id if the store cannot be read. */
async function nameOf(client: QueryClient, { storeId }: TenantEvent): Promise<string> {
  try {
    return (await client.fetchQuery({ ...storeQuery(storeId), staleTime: Number.POSITIVE_INFINITY })).name;
  } catch {
    return storeId;
  }
}
