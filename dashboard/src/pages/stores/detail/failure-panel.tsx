import type { Evidence } from '@store-platform/client';
import type { ReactNode } from 'react';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Icon } from '../../../ui/icon.tsx';
import type { VersionedStore } from '../data/store.ts';
import type { Failure, FailureCode } from '../model/catalogue.ts';
import { FAILURES } from '../texts/failures.ts';
import { CodeBlock } from '../code-block.tsx';
import { LABELS } from '../texts/labels.ts';
import { ActionButtons } from './actions.tsx';

const TEXTS = defineTexts({
  en: {
    cause: 'Cause',
    evidence: 'Evidence',
    next: 'Next steps',
    step: 'Failed step',
    code: 'Code',
    object: 'Object',
    reason: 'Answer of the store',
    verificationStep: 'Step of the verification',
    events: 'Kubernetes events, newest last',
    logs: 'Last log lines',
    leftovers: 'Objects that are left',
    retryHelps: 'A retry can succeed without any other change.',
    retryDoesNot: 'A retry alone does not help: remove the cause first.',
  },
  de: {
    cause: 'Ursache',
    evidence: 'Belege',
    next: 'Nächste Schritte',
    step: 'Fehlgeschlagener Schritt',
    code: 'Code',
    object: 'Objekt',
    reason: 'Antwort des Shops',
    verificationStep: 'Schritt der Prüfung',
    events: 'Kubernetes-Ereignisse, neuestes zuletzt',
    logs: 'Letzte Protokollzeilen',
    leftovers: 'Übrige Objekte',
    retryHelps: 'Eine Wiederholung kann ohne weitere Änderung gelingen.',
    retryDoesNot: 'Eine Wiederholung allein hilft nicht: Beheben Sie zuerst die Ursache.',
  },
});

/** Codes that the API explains below `/problems`, because its responses have them too. */
const EXPLAINED: readonly FailureCode[] = [
  'CLUSTER_UNAVAILABLE',
  'CLUSTER_REFUSED',
  'DATABASE_UNAVAILABLE',
  'ORCHESTRATOR_UNAVAILABLE',
  'ORCHESTRATOR_REJECTED',
  'STORE_NOT_FOUND',
  'INVALID_STATE',
  'INTERNAL',
];

/** Says why a store failed or is held: the cause, the evidence and what the person can do about it. */
export function FailurePanel({ store, failure }: { readonly store: VersionedStore; readonly failure: Failure }) {
  const t = useTexts(TEXTS);
  const { title, advice } = useTexts(FAILURES)[failure.code];
  const { message, evidence, retryable } = failure;
  const isHeld = store.status === 'held';
  return (
    <section
      aria-label={title}
      className={`rounded-lg border bg-surface ${isHeld ? 'border-warning-line' : 'border-danger-line'}`}
    >
      <header
        className={`flex gap-3 rounded-t-lg border-b p-4 ${isHeld ? 'border-warning-line bg-warning-soft' : 'border-danger-line bg-danger-soft'}`}
      >
        <Icon name={isHeld ? 'hand' : 'alert'} className={`mt-0.5 ${isHeld ? 'text-warning' : 'text-danger'}`} />
        <div className="grid min-w-0 gap-1">
          <h2 className="font-semibold">{title}</h2>
          <p>{message}</p>
        </div>
      </header>
      <div className="grid gap-5 p-4">
        <Part title={t.cause}>
          <CauseFacts failure={failure} />
        </Part>
        {evidence !== null && hasEvidence(evidence) && (
          <Part title={t.evidence}>
            <EvidenceFacts evidence={evidence} />
          </Part>
        )}
        <Part title={t.next}>
          <p className="max-w-prose">{advice}</p>
          <p className="text-xs text-muted">{retryable ? t.retryHelps : t.retryDoesNot}</p>
          <ActionButtons store={store} />
        </Part>
      </div>
    </section>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="grid min-w-0 gap-2">
      <h3 className="text-xs font-medium text-muted">{title}</h3>
      {children}
    </div>
  );
}

function CauseFacts({ failure: { code, step } }: { readonly failure: Failure }) {
  const t = useTexts(TEXTS);
  const labels = useTexts(LABELS);
  const href = `/problems/${code.toLowerCase().replaceAll('_', '-')}`;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      {step !== null && <Fact term={t.step}>{labels.step[step]}</Fact>}
      <Fact term={t.code}>
        {EXPLAINED.includes(code) ? (
          <a
            href={href}
            target="_blank"
            rel="noreferrer"
            className="font-mono text-xs text-accent-text hover:underline"
          >
            {code}
          </a>
        ) : (
          <code className="font-mono text-xs">{code}</code>
        )}
      </Fact>
    </dl>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function hasEvidence({ object, reason, step, events = [], logLines = [], leftovers = [] }: Evidence): boolean {
  return (
    [object, reason, step].some((text) => text !== undefined) || events.length + logLines.length + leftovers.length > 0
  );
}

function EvidenceFacts({ evidence }: { readonly evidence: Evidence }) {
  const t = useTexts(TEXTS);
  const { object, reason, step, events, logLines, leftovers } = evidence;
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {object !== undefined && (
          <Fact term={t.object}>
            <code className="font-mono text-xs">{object}</code>
          </Fact>
        )}
        {step !== undefined && (
          <Fact term={t.verificationStep}>
            <code className="font-mono text-xs">{step}</code>
          </Fact>
        )}
        {reason !== undefined && (
          <Fact term={t.reason}>
            <code className="font-mono text-xs">{reason}</code>
          </Fact>
        )}
      </dl>
      <Lines title={t.events} lines={events} />
      <Lines title={t.logs} lines={logLines} />
      <Lines title={t.leftovers} lines={leftovers} />
    </div>
  );
}

function Lines({ title, lines = [] }: { readonly title: string; readonly lines?: readonly string[] | undefined }) {
  if (lines.length === 0) return null;
  return (
    <div className="grid min-w-0 gap-1">
      <p className="text-xs">{title}</p>
      <CodeBlock label={title} text={lines.join('\n')} />
    </div>
  );
}
