import { clsx } from 'clsx';

/** Takes the place of content that loads. Give it the size of the content, so that nothing moves. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden="true" className={clsx('block animate-pulse rounded-sm bg-active', className)} />;
}
