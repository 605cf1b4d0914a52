import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

/** Says why a list is empty, and what to do. */
export function EmptyState({
  icon = 'inbox',
  title,
  description,
  action,
}: {
  readonly icon?: IconName;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-3 px-4 py-12 text-center">
      <span className="grid size-10 place-items-center rounded-lg border border-line bg-canvas text-muted">
        <Icon name={icon} className="size-5" />
      </span>
      <div className="grid max-w-md gap-1">
        <p className="font-semibold">{title}</p>
        {description !== undefined && <div className="text-sm text-muted">{description}</div>}
      </div>
      {action}
    </div>
  );
}
