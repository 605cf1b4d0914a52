import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, isAbsolute, join, sep } from 'node:path';

/**
 * What a start of Medusa loads, and where each `require` of it leads, noted when the image is built. Looking for files is a
 * fifth of the time that loading six thousand modules takes, and in an image it always ends the same.
 */
interface Notes {
  /** In the order in which a start has loaded them, which leaves out none that another one needs first. */
  readonly modules: readonly string[];
  /** By folder of the module that asks, then by what it asks for. All paths from the app's folder on. */
  readonly found: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Find = (
  request: string,
  parent?: { readonly filename?: string | null },
  isMain?: boolean,
  options?: object,
) => string;

const ROOT = process.cwd();
// Not documented, and what loaders of all kinds have replaced for ten years. Without it a start only takes longer.
const node = Module as unknown as { _resolveFilename: Find };

function fromRoot(path: string): string {
  return path.slice(ROOT.length + sep.length);
}

/** From now on notes what is looked for. @returns writes the notes into a file. */
export function noteModules(): (file: string) => void {
  const found: Record<string, Record<string, string>> = {};
  const find = node._resolveFilename;
  node._resolveFilename = (request, parent, isMain, options) => {
    const path = find(request, parent, isMain, options);
    const asker = parent?.filename ?? '';
    if (options === undefined && asker.startsWith(ROOT) && path.startsWith(ROOT) && !isAbsolute(request)) {
      (found[fromRoot(dirname(asker))] ??= {})[request] = fromRoot(path);
    }
    return path;
  };
  return (file) => {
    const modules = Object.keys(require.cache).filter((path) => path.startsWith(ROOT));
    const notes: Notes = { modules: modules.map(fromRoot), found };
    writeFileSync(file, JSON.stringify(notes));
  };
}

/** From now on finds modules as noted in a file, if it is there. @returns loads all that are noted. */
export function findAsNoted(file: string): () => void {
  if (!existsSync(file)) return () => undefined;
  const { modules, found } = JSON.parse(readFileSync(file, 'utf8')) as Notes;
  const known = new Set(modules.map((module) => join(ROOT, module)));
  const find = node._resolveFilename;
  node._resolveFilename = (request, parent, isMain, options) => {
    if (options === undefined && parent?.filename) {
      if (known.has(request)) return request;
      const path = found[fromRoot(dirname(parent.filename))]?.[request];
      if (path !== undefined) return join(ROOT, path);
    }
    return find(request, parent, isMain, options);
  };
  return () => {
    for (const module of known) require(module);
  };
}
