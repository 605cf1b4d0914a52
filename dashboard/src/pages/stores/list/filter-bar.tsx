import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { SearchBox } from '../../../ui/search-box.tsx';
import { Select } from '../../../ui/select.tsx';
import { ENGINE_NAMES, ENGINES, type Engine } from '../model/catalogue.ts';
import {
  isFiltered,
  NO_FILTERS,
  PERIODS,
  SORTS,
  type Created,
  type Period,
  type StoreFilters,
} from '../model/filters.ts';
import { StatusFilter } from './status-filter.tsx';
import { LIST_TEXTS } from './texts.ts';

interface Filtering {
  readonly filters: StoreFilters;
  readonly onChange: (filters: StoreFilters) => void;
}

/** The filters of the list. The address of the page holds them. */
export function FilterBar({ filters, onChange }: Filtering) {
  const t = useTexts(LIST_TEXTS);
  return (
    <fieldset className="mb-4 grid min-w-0 gap-2">
      <legend className="sr-only">{t.filters}</legend>
      <div className="flex flex-wrap gap-2">
        <SearchBox
          value={filters.name}
          onChange={(name) => onChange({ ...filters, name })}
          label={t.search}
          className="w-full grow sm:w-56 sm:max-w-sm"
        />
        <StatusFilter statuses={filters.statuses} onChange={(statuses) => onChange({ ...filters, statuses })} />
        <EngineFilter filters={filters} onChange={onChange} />
        <CreatedFilter filters={filters} onChange={onChange} />
        <Select
          aria-label={t.sort}
          value={filters.sort}
          onChange={(sort) => onChange({ ...filters, sort })}
          options={SORTS.map((value) => ({ value, label: t.sorts[value] }))}
          className="w-auto! sm:ml-auto"
        />
        {isFiltered(filters) && (
          <Button variant="ghost" icon="close" onClick={() => onChange({ ...NO_FILTERS, sort: filters.sort })}>
            {t.clear}
          </Button>
        )}
      </div>
      {filters.created.kind === 'days' && (
        <DayRange created={filters.created} onChange={(created) => onChange({ ...filters, created })} />
      )}
    </fieldset>
  );
}

function EngineFilter({ filters, onChange }: Filtering) {
  const t = useTexts(LIST_TEXTS);
  const options = [
    { value: 'any', label: t.anyEngine },
    ...ENGINES.map((value) => ({ value, label: ENGINE_NAMES[value] })),
  ] satisfies readonly { readonly value: Engine | 'any'; readonly label: string }[];
  return (
    <Select<Engine | 'any'>
      aria-label={t.engine}
      value={filters.engine ?? 'any'}
      onChange={(value) => onChange({ ...filters, engine: value === 'any' ? null : value })}
      options={options}
      className="w-auto!"
    />
  );
}

type CreatedChoice = 'any' | 'days' | Period;

function CreatedFilter({ filters, onChange }: Filtering) {
  const t = useTexts(LIST_TEXTS);
  const { created } = filters;
  // The names of the periods are the keys of their table.
  const periods = Object.keys(PERIODS) as Period[];
  return (
    <Select<CreatedChoice>
      aria-label={t.created}
      value={created.kind === 'period' ? created.period : created.kind}
      onChange={(choice) => onChange({ ...filters, created: createdOf(choice) })}
      options={[
        { value: 'any', label: t.anyTime },
        ...periods.map((value) => ({ value, label: t.periods[value] })),
        { value: 'days', label: t.days },
      ]}
      className="w-auto!"
    />
  );
}

function createdOf(choice: CreatedChoice): Created {
  if (choice === 'any') return { kind: 'any' };
  return choice === 'days' ? { kind: 'days', from: today(), to: null } : { kind: 'period', period: choice };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function dayOr(text: string): string | null {
  return text === '' ? null : text;
}

/** Returns the day of the local calendar. */
function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function DayRange({
  created,
  onChange,
}: {
  readonly created: Extract<Created, { readonly kind: 'days' }>;
  readonly onChange: (created: Created) => void;
}) {
  const t = useTexts(LIST_TEXTS);
  return (
    <div className="flex flex-wrap gap-3">
      <Field label={t.from}>
        <Input
          type="date"
          value={created.from ?? ''}
          max={created.to ?? undefined}
          onChange={(event) => onChange({ ...created, from: dayOr(event.target.value) })}
        />
      </Field>
      <Field label={t.to}>
        <Input
          type="date"
          value={created.to ?? ''}
          min={created.from ?? undefined}
          onChange={(event) => onChange({ ...created, to: dayOr(event.target.value) })}
        />
      </Field>
    </div>
  );
}
