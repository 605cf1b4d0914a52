import { clsx } from 'clsx';
import { useId, type ReactNode } from 'react';

export interface PanelProps {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** A danger zone has a red border. */
  readonly tone?: 'neutral' | 'danger';
  /** Without padding, for a table. */
  readonly isFlush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A section of a page in a frame. Its title is a heading of level 2. */
export function Panel({
  title,
  description,
  actions,
  tone = 'neutral',
  isFlush = false,
  className,
  children,
}: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title === undefined ? undefined : id}
      className={clsx(
        'min-w-0 rounded-lg border bg-surface',
        tone === 'danger' ? 'border-danger-line' : 'border-line',
        className,
      )}
    >
      {title !== undefined && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
          <div className="grid gap-0.5">
            <h2 id={id} className="text-sm font-semibold">
              {title}
            </h2>
            {description !== undefined && <p className="text-xs text-muted">{description}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={clsx(!isFlush && 'p-4')}>{children}</div>
    </section>
  );
}
