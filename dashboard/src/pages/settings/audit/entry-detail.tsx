import type { AuditEntry } from '@store-platform/client';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Facts } from '../shared/facts.tsx';
import type { AuditFilter } from './filter.ts';
import { AUDIT_TEXTS } from './texts.ts';

const CODE = 'font-mono text-xs break-all';

/** Everything about an entry of the audit log. */
export function EntryDetail({
  entry,
  onFilter,
}: {
  readonly entry: AuditEntry;
  readonly onFilter: (terms: Pick<AuditFilter, 'actor' | 'target'>) => void;
}) {
  const t = useTexts(AUDIT_TEXTS);
  const { actor, principal, action, target, outcome, correlationId, change } = entry;
  return (
    <div className="grid gap-3 py-1">
      <Facts
        facts={[
          { label: t.details.actor, value: <code className={CODE}>{actor}</code> },
          { label: t.details.principal, value: t.principals[principal] },
          { label: t.details.operation, value: <code className={CODE}>{action}</code> },
          { label: t.details.target, value: target === null ? null : <code className={CODE}>{target}</code> },
          { label: t.details.outcome, value: t.outcomeHints[outcome] },
          {
            label: t.details.correlationId,
            value: (
              <span className="flex items-center gap-1">
                <code className={CODE}>{correlationId}</code>
                <CopyButton text={correlationId} label={t.details.copyCorrelationId} />
              </span>
            ),
          },
          { label: t.details.change, value: change === null ? null : <Change change={change} /> },
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <Button size="sm" icon="filter" onClick={() => onFilter({ actor })}>
          {t.onlyActor}
        </Button>
        {target !== null && (
          <Button size="sm" icon="filter" onClick={() => onFilter({ target })}>
            {t.onlyTarget}
          </Button>
        )}
      </div>
    </div>
  );
}

function Change({ change }: { readonly change: Readonly<Record<string, unknown>> }) {
  return (
    <ul className="grid gap-0.5">
      {Object.entries(change).map(([field, value]) => (
        <li key={field} className={CODE}>
          <span className="text-muted">{field}:</span> {typeof value === 'string' ? value : JSON.stringify(value)}
        </li>
      ))}
    </ul>
  );
}
