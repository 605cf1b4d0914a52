import type { ReactNode } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { buttonClasses } from '../../../ui/button.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import type { VersionedStore } from '../data/store.ts';
import { ENGINE_NAMES } from '../model/catalogue.ts';
import { StatusBadge } from '../store-status.tsx';
import { STORE_TEXTS } from './texts.ts';

/** The name and the status of a store, and the ways into it. */
export function StoreHeader({ store, actions }: { readonly store: VersionedStore; readonly actions: ReactNode }) {
  const t = useTexts(STORE_TEXTS);
  const { name, status, engine, slug, urls } = store;
  return (
    <>
      <PageHeader
        title={name}
        breadcrumbs={[{ label: t.stores, href: '/' }]}
        breadcrumbsLabel={t.breadcrumbs}
        description={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <output>
              <StatusBadge status={status} />
            </output>
            <span>{ENGINE_NAMES[engine]}</span>
            <code className="font-mono text-xs">{slug}</code>
          </span>
        }
        actions={
          <>
            {actions}
            <OpenLink url={urls.admin} label={t.openAdmin} />
            <OpenLink url={urls.storefront} label={t.openStore} isPrimary />
          </>
        }
      />
      {status === 'ready' && !store.servesTraffic && <NoTraffic reason={store.servesTrafficReason} />}
    </>
  );
}

function OpenLink({
  url,
  label,
  isPrimary = false,
}: {
  readonly url: string | null;
  readonly label: string;
  readonly isPrimary?: boolean;
}) {
  if (url === null) return null;
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className={buttonClasses({ variant: isPrimary ? 'primary' : 'secondary' })}
    >
      {label}
      <Icon name="external" />
    </a>
  );
}

const SIMULATED = 'The nodes of the cluster are simulated: pods are reported ready, but nothing runs in them.';
const UNKNOWN = 'The platform has not seen the nodes of the cluster yet.';

/** Says plainly that a ready store cannot be reached, and why. */
function NoTraffic({ reason }: { readonly reason: string | null }) {
  const t = useTexts(STORE_TEXTS);
  const text = reason === SIMULATED ? t.simulated : reason === UNKNOWN ? t.unknownNodes : reason;
  return (
    <div className="mb-6 flex gap-3 rounded-lg border border-info-line bg-info-soft p-4">
      <Icon name="info" className="mt-0.5 text-info" />
      <div>
        <p className="font-semibold">{t.noTraffic}</p>
        <p>{text}</p>
      </div>
    </div>
  );
}
