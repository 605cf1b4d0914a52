import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { SearchBox } from '../../../ui/search-box.tsx';
import { Select, type SelectOption } from '../../../ui/select.tsx';
import { useActorNames, usePeople } from '../shared/actors.tsx';
import { ACTION_TEXTS } from './action-texts.ts';
import { localFieldOf, OUTCOMES, RANGES, type AuditFilter } from './filter.ts';
import { AUDIT_TEXTS } from './texts.ts';

const ALL = 'all';

export interface FilterBarProps {
  readonly filter: AuditFilter;
  readonly onChange: (filter: AuditFilter) => void;
}

/** The filters of the audit log. */
export function FilterBar({ filter, onChange }: FilterBarProps) {
  const t = useTexts(AUDIT_TEXTS);
  const isFiltered = Object.entries(filter).some(([name, value]) => value !== (name === 'range' ? ALL : undefined));
  return (
    <section aria-label={t.filters} className="grid gap-2 border-b border-line p-3">
      <div className="grid gap-2 sm:grid-cols-2 lg:grid-cols-5">
        <Select
          aria-label={t.actor}
          value={filter.actor ?? ALL}
          onChange={(actor) => onChange({ ...filter, actor: actor === ALL ? undefined : actor })}
          options={useActorOptions(filter.actor)}
        />
        <Select
          aria-label={t.action}
          value={filter.action ?? ALL}
          onChange={(action) => onChange({ ...filter, action: action === ALL ? undefined : action })}
          options={useActionOptions(filter.action)}
        />
        <Select
          aria-label={t.outcome}
          value={filter.outcome ?? ALL}
          onChange={(outcome) => onChange({ ...filter, outcome: outcome === ALL ? undefined : outcome })}
          options={[
            { value: ALL, label: t.allOutcomes },
            ...OUTCOMES.map((value) => ({ value, label: t.outcomes[value] })),
          ]}
        />
        <Select
          aria-label={t.time}
          value={filter.range}
          onChange={(range) => onChange({ ...filter, range })}
          options={RANGES.map((value) => ({ value, label: t.ranges[value] }))}
        />
        <SearchBox
          label={t.target}
          value={filter.target ?? ''}
          onChange={(target) => onChange({ ...filter, target: target.trim() === '' ? undefined : target.trim() })}
        />
      </div>
      {filter.range === 'custom' && <CustomRange filter={filter} onChange={onChange} />}
      {isFiltered && (
        <div>
          <Button size="sm" variant="ghost" icon="close" onClick={() => onChange({ range: ALL })}>
            {t.clear}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Returns the instant of a field of the type `datetime-local`. */
function instantOf(value: string): string | undefined {
  return value === '' ? undefined : new Date(value).toISOString();
}

function CustomRange({ filter, onChange }: FilterBarProps) {
  const t = useTexts(AUDIT_TEXTS);
  return (
    <div className="grid gap-2 sm:max-w-md sm:grid-cols-2">
      <Field label={t.from}>
        <Input
          type="datetime-local"
          value={localFieldOf(filter.from)}
          onChange={(event) => onChange({ ...filter, from: instantOf(event.target.value) })}
        />
      </Field>
      <Field label={t.before}>
        <Input
          type="datetime-local"
          value={localFieldOf(filter.before)}
          onChange={(event) => onChange({ ...filter, before: instantOf(event.target.value) })}
        />
      </Field>
    </div>
  );
}

function useActionOptions(chosen: string | undefined): readonly SelectOption<string>[] {
  const t = useTexts(AUDIT_TEXTS);
  const names: Readonly<Record<string, string>> = useTexts(ACTION_TEXTS);
  const known = Object.entries(names).map(([value, label]) => ({ value, label }));
  const isKnown = chosen === undefined || chosen in names;
  return [
    { value: ALL, label: t.allActions },
    ...known.toSorted((a, b) => a.label.localeCompare(b.label)),
    ...(isKnown ? [] : [{ value: chosen, label: chosen }]),
  ];
}

/** Returns the members and service accounts of the tenant, and an actor that is neither. */
function useActorOptions(chosen: string | undefined): readonly SelectOption<string>[] {
  const t = useTexts(AUDIT_TEXTS);
  const nameOf = useActorNames();
  const people = usePeople() ?? [];
  const actors = people.map(({ userId }) => `user:${userId}`);
  const all = chosen === undefined || actors.includes(chosen) ? actors : [...actors, chosen];
  return [{ value: ALL, label: t.allActors }, ...all.map((value) => ({ value, label: nameOf(value) }))];
}
