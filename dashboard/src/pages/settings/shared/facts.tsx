import type { ReactNode } from 'react';

export interface Fact {
  readonly label: string;
  /** Null: the fact is left out. */
  readonly value: ReactNode;
}

/** Names and values side by side, and below each other on narrow pages. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      {facts.map(
        ({ label, value }) =>
          value !== null && (
            <div key={label} className="grid gap-x-6 sm:col-span-2 sm:grid-cols-subgrid sm:items-center">
              <dt className="text-muted">{label}</dt>
              <dd className="min-w-0 max-sm:mb-1">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
