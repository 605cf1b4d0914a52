import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query.ts';
import { App } from './shell/app.tsx';
import { LanguageProvider } from './text/language.tsx';
import { TooltipProvider } from './ui/tooltip.tsx';
import 'sonner/dist/styles.css';
import './styles.css';

// A new version of the dashboard has replaced the files of this one.
window.addEventListener('vite:preloadError', () => location.reload());

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <App />
        </TooltipProvider>
      </QueryClientProvider>
    </LanguageProvider>
  </StrictMode>,
);
