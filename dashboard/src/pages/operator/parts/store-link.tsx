import { useState } from 'react';
import { toast } from 'sonner';
import { useLocation } from 'wouter';
import { useSession, switchTenant } from '../../../api/session.tsx';
import { defineTexts, useTexts } from '../../../text/texts.ts';

const TEXTS = defineTexts({
  en: { failed: (tenant: string) => `The tenant ${tenant} cannot be opened.` },
  de: { failed: (tenant: string) => `Der Mandant ${tenant} kann nicht geöffnet werden.` },
});

/** Opens the page of a store. The page shows one tenant, so this tab changes to the tenant of the store first. */
export function StoreLink({
  storeId,
  tenantId,
  children,
}: {
  readonly storeId: string;
  readonly tenantId: string;
  readonly children: string;
}) {
  const t = useTexts(TEXTS);
  const session = useSession();
  const [, navigate] = useLocation();
  const [isOpening, setOpening] = useState(false);
  async function open(): Promise<void> {
    setOpening(true);
    try {
      if (session.tenantId !== tenantId) await switchTenant(tenantId);
      navigate(`/stores/${storeId}`);
    } catch {
      toast.error(t.failed(tenantId));
      setOpening(false);
    }
  }
  return (
    <a
      href={`/stores/${storeId}`}
      aria-busy={isOpening || undefined}
      className="rounded-sm font-medium hover:underline"
      onClick={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      {children}
    </a>
  );
}
