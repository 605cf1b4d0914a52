import { Suspense, useEffect, useMemo, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useSession } from '../api/session.tsx';
import { ROUTES } from '../routes.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Banners } from './banners.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { LoadingPage } from './loading-page.tsx';
import { notificationList } from './notifications.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { Outcomes } from './outcomes.tsx';
import { CommandPalette } from './palette.tsx';
import { Sidebar, SidebarDrawer } from './sidebar.tsx';
import { Toaster } from './toaster.tsx';
import { TopBar } from './top-bar.tsx';
import { usePageFocus } from './page-focus.ts';

const TEXTS = defineTexts({
  en: { skip: 'Skip to content' },
  de: { skip: 'Zum Inhalt springen' },
});

/** The frame around all pages: navigation, banners, notifications and the command palette. */
export function Shell() {
  const t = useTexts(TEXTS);
  const session = useSession();
  const [path] = useLocation();
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const notifications = useMemo(
    () => notificationList(`notifications/${session.user?.userId ?? 'anonymous'}/${session.tenantId ?? ''}`),
    [session.user?.userId, session.tenantId],
  );
  usePageFocus();
  useEffect(() => {
    const openPalette = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setPaletteOpen((isOpen) => !isOpen);
    };
    window.addEventListener('keydown', openPalette);
    return () => window.removeEventListener('keydown', openPalette);
  }, []);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[16rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-1.5 text-accent-fg focus:translate-y-0"
      >
        {t.skip}
      </a>
      <Sidebar />
      <SidebarDrawer open={isDrawerOpen} onOpenChange={setDrawerOpen} />
      <div className="flex min-h-dvh min-w-0 flex-col">
        <TopBar
          notifications={notifications}
          onOpenNavigation={() => setDrawerOpen(true)}
          onOpenPalette={() => setPaletteOpen(true)}
        />
        <Banners />
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[100rem] flex-1 px-4 py-6 outline-none sm:px-6"
        >
          {/* An error of one page must not stay when the person goes to another one. */}
          <ErrorBoundary key={path}>
            <Suspense fallback={<LoadingPage />}>
              <Switch>
                {ROUTES.filter(({ needs }) => session.can(needs)).map(({ path: pattern, Page }) => (
                  <Route key={pattern} path={pattern} component={Page} />
                ))}
                <Route component={NotFoundPage} />
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
      <CommandPalette open={isPaletteOpen} onOpenChange={setPaletteOpen} />
      <Outcomes list={notifications} />
      <Toaster />
    </div>
  );
}
