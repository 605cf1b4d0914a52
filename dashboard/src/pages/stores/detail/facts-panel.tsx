import type { ReactNode } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Duration } from '../../../ui/duration.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Time } from '../../../ui/time.tsx';
import type { VersionedStore } from '../data/store.ts';
import { ENGINE_NAMES, type StoreStatus } from '../model/catalogue.ts';
import { CodeBlock } from '../code-block.tsx';
import { VolumePolicyText } from '../volume-policy.tsx';
import { STORE_TEXTS } from './texts.ts';

/** Whether a store in this status has addresses, or will have them. */
const HAS_URLS: Readonly<Record<StoreStatus, boolean>> = {
  requested: true,
  provisioning: true,
  held: true,
  ready: true,
  failed: false,
  cancelled: false,
  deleting: false,
  deleted: false,
};

/** The facts about a store: its addresses, its verification, its options and its objects. */
export function FactsPanel({ store }: { readonly store: VersionedStore }) {
  const t = useTexts(STORE_TEXTS);
  const { urls, overrides } = store;
  return (
    <Panel title={t.details}>
      <dl className="grid gap-3">
        {HAS_URLS[store.status] && (
          <>
            <Fact term={t.storefront}>
              <Url url={urls.storefront} />
            </Fact>
            <Fact term={t.admin}>
              <Url url={urls.admin} />
            </Fact>
          </>
        )}
        {store.verification !== null && (
          <Fact term={t.verified}>
            <Verification verification={store.verification} />
          </Fact>
        )}
        {store.lastVerifiedAt !== null && (
          <Fact term={t.lastVerified}>
            <Time value={store.lastVerifiedAt} />
          </Fact>
        )}
        <Fact term={t.created}>
          <Time value={store.createdAt} />
        </Fact>
        {store.readyAt !== null && store.status === 'ready' && (
          <Fact term={t.ready}>
            <Time value={store.readyAt} />
          </Fact>
        )}
        {store.deletedAt !== null && (
          <Fact term={t.deleted}>
            <Time value={store.deletedAt} />
          </Fact>
        )}
        <Fact term={t.engine}>{ENGINE_NAMES[store.engine]}</Fact>
        <Fact term={t.onFailure}>{t.policies[store.onFailure]}</Fact>
        <Fact term={t.volumes}>
          <VolumePolicyText policy={store.volumePolicy} />
        </Fact>
        <Fact term={t.id}>
          <Code text={store.storeId} copyLabel={t.copyId} />
        </Fact>
        <Fact term={t.namespace}>
          <Code text={store.namespace} />
        </Fact>
        <Fact term={t.release}>
          <Code text={store.releaseName} />
        </Fact>
        <Fact term={t.chart}>
          <Code text={store.chartVersion} />
        </Fact>
        {overrides !== null && (
          <Fact term={t.overrides}>
            <CodeBlock label={t.overrides} text={JSON.stringify(overrides, null, 2)} />
          </Fact>
        )}
      </dl>
    </Panel>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div className="grid min-w-0 gap-0.5">
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Url({ url }: { readonly url: string | null }) {
  const t = useTexts(STORE_TEXTS);
  if (url === null) return <span className="text-muted">{t.notYet}</span>;
  return (
    <span className="flex items-center gap-1">
      <a href={url} target="_blank" rel="noreferrer" className="truncate text-accent-text hover:underline">
        {url.replace(/^https?:\/\//, '').replace(/\/$/, '')}
      </a>
      <CopyButton text={url} label={t.copyUrl} />
    </span>
  );
}

function Code({ text, copyLabel }: { readonly text: string; readonly copyLabel?: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="truncate font-mono text-xs">{text}</code>
      {copyLabel !== undefined && <CopyButton text={text} label={copyLabel} />}
    </span>
  );
}

const SIMULATED = 'the nodes of this cluster are simulated: no pod serves the store';
const BY_OPERATOR = 'an operator skipped the verification';

/** Shows the verification order, or why it was skipped. */
function Verification({ verification }: { readonly verification: NonNullable<VersionedStore['verification']> }) {
  const t = useTexts(STORE_TEXTS);
  if (verification.outcome === 'skipped') {
    const { reason } = verification;
    const text =
      reason === SIMULATED
        ? t.skippedSimulated
        : reason === BY_OPERATOR
          ? t.skippedByOperator
          : `${t.skipped}: ${reason}`;
    return <span className="text-muted">{text}</span>;
  }
  const { order, steps, at } = verification;
  return (
    <div className="grid gap-1">
      <p className="flex gap-1.5">
        <Icon name="check-circle" className="mt-0.5 text-success" />
        <span>
          {t.order(order.number, order.total)} (<Time value={at} />)
        </span>
      </p>
      <details className="text-xs text-muted">
        <summary className="w-fit cursor-pointer rounded-sm hover:text-fg">{t.stepsOfOrder}</summary>
        <ul className="mt-1 grid gap-0.5">
          {steps.map(({ step, durationMs }) => (
            <li key={step} className="flex justify-between gap-2">
              <code className="font-mono">{step}</code>
              <Duration ms={durationMs} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
