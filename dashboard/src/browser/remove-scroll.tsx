import { useEffect, type ElementType, type ReactNode } from 'react';

interface RemoveScrollProps {
  readonly as?: ElementType;
  readonly enabled?: boolean;
  readonly children?: ReactNode;
  // Options of the package that this file replaces.
  readonly allowPinchZoom?: boolean;
  readonly shards?: readonly unknown[];
}

let locks = 0;

/**
 * Keeps the page from scrolling while a dialog is open. Radix imports it in the place of the package `react-remove-scroll`, which
 * adds a style element to the page: see `build/no-injected-styles.ts`.
 */
export function RemoveScroll({
  as: Container = 'div',
  enabled = true,
  allowPinchZoom: _allowPinchZoom,
  shards: _shards,
  ...rest
}: RemoveScrollProps) {
  useEffect(() => {
    if (!enabled) return undefined;
    locks += 1;
    const root = document.documentElement;
    // The place of a scrollbar stays free, so that the page does not move.
    if (locks === 1) root.dataset['scrollLocked'] = window.innerWidth > root.clientWidth ? 'scrollbar' : '';
    return () => {
      locks -= 1;
      if (locks === 0) delete root.dataset['scrollLocked'];
    };
  }, [enabled]);
  return <Container {...rest} />;
}
