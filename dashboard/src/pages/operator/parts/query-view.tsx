import type { ReactNode } from 'react';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';

/** Shows the data of a query, or why there is none. Data that was read before stays while the API does not respond. */
export function QueryView<T>({
  query: { data, error, refetch },
  children,
}: {
  readonly query: { readonly data: T | undefined; readonly error: unknown; readonly refetch: () => unknown };
  readonly children: (data: T) => ReactNode;
}) {
  const hasError = error !== null && error !== undefined;
  if (data === undefined) {
    return hasError ? <ErrorPanel error={error} onRetry={refetch} /> : <Skeleton className="h-64" />;
  }
  return (
    <div className="grid gap-4">
      {hasError && <ErrorPanel error={error} onRetry={refetch} />}
      {children(data)}
    </div>
  );
}
