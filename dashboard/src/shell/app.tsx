import { Suspense } from 'react';
import { LiveProvider } from '../api/live.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { LoadingPage } from './loading-page.tsx';
import { Shell } from './shell.tsx';

/** The whole page: reads who the person is, and then shows the shell with the page of the path. */
export function App() {
  return (
    <ErrorBoundary>
      <Suspense fallback={<LoadingPage />}>
        <LiveProvider>
          <Shell />
        </LiveProvider>
      </Suspense>
    </ErrorBoundary>
  );
}
