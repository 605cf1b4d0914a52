import { useEffect, useRef } from 'react';
import { matchRoute, useLocation, useRouter } from 'wouter';
import { ROUTES } from '../routes.tsx';
import { ROUTE_TEXTS } from '../routes-texts.ts';
import { useTexts } from '../text/texts.ts';

const PRODUCT = 'Store platform';
/** Time in which the heading of a page must appear. A person who waits longer has moved the focus. */
const HEADING_MS = 5_000;

/** Sets the title of the document, and moves the focus to the heading of a new page, so that screen readers read it. */
export function usePageFocus(): void {
  const [path] = useLocation();
  const { parser } = useRouter();
  const t = useTexts(ROUTE_TEXTS);
  const shown = useRef(path);
  const route = ROUTES.find((each) => matchRoute(parser, each.path, path)[0]);
  const title = t[route?.title ?? 'notFound'];
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
  useEffect(() => {
    if (shown.current === path) return undefined;
    shown.current = path;
    window.scrollTo(0, 0);
    return focusHeading();
  }, [path]);
}

/** Replaces the title of the document by the name of an object, such as a store. */
export function useDocumentTitle(name: string | undefined): void {
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · ${PRODUCT}`;
  }, [name]);
}

/** Moves the focus to the heading as soon as it exists. Returns the function that gives up. */
function focusHeading(): () => void {
  const before = document.querySelector('main h1');
  const focus = (): boolean => {
    const heading = document.querySelector<HTMLElement>('main h1');
    if (heading === null || heading === before) return false;
    heading.focus({ preventScroll: true });
    return true;
  };
  if (before === null && focus()) return () => undefined;
  const observer = new MutationObserver(() => focus() && stop());
  const timer = setTimeout(() => stop(), HEADING_MS);
  const stop = (): void => {
    clearTimeout(timer);
    observer.disconnect();
  };
  observer.observe(document.body, { childList: true, subtree: true });
  return stop;
}
