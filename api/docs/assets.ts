import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/**
 * Starts the renderer in the page. Swagger UI works under a policy without inline styles, inline scripts and `eval`. Scalar and Redoc
 * do not. It is a file, because the page runs no inline code.
 */
const START_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
});
`;

/** Files of the page, in the order in which it loads them. */
const FILES = [
  { name: 'swagger-ui.css', type: 'text/css; charset=utf-8' },
  { name: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8' },
  { name: 'start.js', type: 'text/javascript; charset=utf-8' },
] as const;

export interface Asset {
  /** The path contains a hash of the content, so that a cache may keep the file forever. */
  readonly path: string;
  readonly type: string;
  readonly content: Buffer;
  readonly compressed: Buffer;
}

/** Reads the files of the documentation page from the installed package of the renderer. */
export async function readAssets(): Promise<readonly Asset[]> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return Promise.all(
    FILES.map(async ({ name, type }) => {
      const content = name === 'start.js' ? Buffer.from(START_SCRIPT) : await readFile(join(folder, name));
      const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
      return { path: `/docs/${hash}/${name}`, type, content, compressed: await promisify(gzip)(content) };
    }),
  );
}

/** Returns the page that shows the OpenAPI document. */
export function docsPage(assets: readonly Asset[]): string {
  const tags = assets.map(({ path, type }) =>
    type.startsWith('text/css') ? `<link rel="stylesheet" href="${path}">` : `<script src="${path}" defer></script>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Store platform API</title>
<link rel="icon" href="data:,">
${tags.join('\n')}
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
</body>
</html>
`;
}
