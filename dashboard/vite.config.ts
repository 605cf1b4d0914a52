import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { noInjectedStyles } from './build/no-injected-styles.ts';
import { precompress } from './build/precompress.ts';

/** The API to which the development server sends requests. */
const API_URL = process.env['API_URL'] ?? 'http://127.0.0.1:3001';

/** Paths that the API answers. All others are pages of the dashboard. */
const API_PATHS =
  '^/(api|docs|health|problems|openapi\\.json|pages\\.css|login|logout|setup|account|device|invitations)(/|\\?|$)';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [noInjectedStyles(), react(), tailwindcss(), precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    // The policy of the page forbids `data:` scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A build on a busy machine is slow: that is no reason for a warning.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      [API_PATHS]: {
        target: API_URL,
        changeOrigin: true,
        // The API rejects changes from pages of another origin.
        configure: (proxy) => {
          proxy.on('proxyReq', (request) => {
            if (request.getHeader('origin') !== undefined) request.setHeader('origin', new URL(API_URL).origin);
          });
        },
      },
    },
  },
});
