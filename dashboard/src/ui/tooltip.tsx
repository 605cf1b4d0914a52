import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

/** The root of all tooltips of the page. */
export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return <Radix.Provider delayDuration={300}>{children}</Radix.Provider>;
}

/** A hint that appears when the pointer or the focus is on an element. It must not be the only source of the text. */
export function Tooltip({ text, children }: { readonly text: ReactNode; readonly children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-w-xs rounded-md border border-line-strong bg-raised px-2 py-1 text-xs text-fg"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
