import { clsx } from 'clsx';
import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';

export const OVERLAY = 'fixed inset-0 z-40 bg-overlay';

/**
 * Returns handlers that move the focus back to the element that was focused before a dialog opened. Radix does that only for a
 * dialog with a trigger of its own.
 */
export function useReturnFocus() {
  const before = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    },
    onCloseAutoFocus: (event: Event) => {
      if (before.current?.isConnected !== true) return;
      event.preventDefault();
      before.current.focus();
    },
  };
}

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons at the end, the main action last. */
  readonly footer?: ReactNode;
  readonly closeLabel?: string;
  readonly size?: 'md' | 'lg';
  readonly children?: ReactNode;
}

/** A dialog above the page. The focus stays in it, and returns when it closes. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  footer,
  closeLabel = 'Close',
  size = 'md',
  children,
}: DialogProps) {
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          {...focus}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={clsx(
            'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2',
            'flex-col rounded-lg border border-line-strong bg-raised',
            size === 'md' ? 'max-w-md' : 'max-w-2xl',
          )}
        >
          <header className="flex items-start justify-between gap-4 px-4 pt-4">
            <div className="grid gap-1">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="text-sm text-muted">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="sm" isSquare icon="close" aria-label={closeLabel} className="-mt-1 -mr-1" />
            </Radix.Close>
          </header>
          <div className="min-h-0 overflow-y-auto px-4 py-4">{children}</div>
          {footer !== undefined && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{footer}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
