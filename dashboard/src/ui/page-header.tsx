import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Icon } from './icon.tsx';

export interface Breadcrumb {
  readonly label: string;
  readonly href: string;
}

export interface PageHeaderProps {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** The pages above this one, from the top. */
  readonly breadcrumbs?: readonly Breadcrumb[];
  /** Name of the list of breadcrumbs for screen readers. */
  readonly breadcrumbsLabel?: string;
}

/** The top of a page. Its title is the only heading of level 1, and gets the focus after a navigation. */
export function PageHeader({
  title,
  description,
  actions,
  breadcrumbs = [],
  breadcrumbsLabel = 'Breadcrumb',
}: PageHeaderProps) {
  return (
    <div className="mb-6 grid gap-2">
      {breadcrumbs.length > 0 && (
        <nav aria-label={breadcrumbsLabel}>
          <ol className="flex flex-wrap items-center gap-1 text-xs text-muted">
            {breadcrumbs.map(({ label, href }) => (
              <li key={href} className="flex items-center gap-1">
                <Link href={href} className="rounded-sm hover:text-fg hover:underline">
                  {label}
                </Link>
                <Icon name="chevron-right" className="size-3.5" />
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1">
          <h1 tabIndex={-1} className="text-xl leading-7 font-semibold tracking-tight">
            {title}
          </h1>
          {description !== undefined && <div className="max-w-prose text-sm text-muted">{description}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </div>
  );
}
