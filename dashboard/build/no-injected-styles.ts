import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Sonner adds its styles to the page when it is loaded. `src/main.tsx` imports them as a file. */
const INJECTION = /__insertCSS\("[^\n]*"\);?/;
const SONNER = /\/sonner\/dist\/index\.mjs$/;

/**
 * Removes the code of packages that adds style elements to the page. The policy of the page (`style-src 'self'`) forbids them, so
 * that injected text can't change how the page looks.
 */
export function noInjectedStyles(): Plugin {
  return {
    name: 'no-injected-styles',
    enforce: 'pre',
    config: () => ({
      resolve: {
        alias: { 'react-remove-scroll': fileURLToPath(new URL('../src/browser/remove-scroll.tsx', import.meta.url)) },
      },
      // The development server bundles packages without plugins.
      optimizeDeps: { exclude: ['sonner'] },
    }),
    transform: {
      filter: { id: SONNER },
      handler(code) {
        if (!INJECTION.test(code)) return this.error('sonner no longer calls __insertCSS: remove this rule');
        return { code: code.replace(INJECTION, ''), map: null };
      },
    },
  };
}
