import type { ReactNode } from 'react';

/** A key. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-canvas px-1 font-sans text-xs text-muted">
      {children}
    </kbd>
  );
}
