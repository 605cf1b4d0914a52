import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, isAbsolute, join, sep } from 'node:path';

/**
 * The modules that a start of Medusa loads, and the file of each `require`. The build of the image records them. Resolving files
 * takes a fifth of the time for loading six thousand modules, and in an image the result is always the same.
 */
interface ModuleRecord {
  /** Paths relative to the app folder, in load order, so that no module is loaded before its dependencies. */
  readonly modules: readonly string[];
  /** Folder of the requiring module → request → resolved path. All paths are relative to the app folder. */
  readonly found: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Resolve = (
  request: string,
  parent?: { readonly filename?: string | null },
  isMain?: boolean,
  options?: object,
) => string;

const ROOT = process.cwd();
// Node does not document this function, but many loaders have replaced it for ten years. Without it a start only takes longer.
const node = Module as unknown as { _resolveFilename: Resolve };

function fromRoot(path: string): string {
  return path.slice(ROOT.length + sep.length);
}

/** Starts to record the resolution of modules. @returns a function that writes the record to a file. */
export function recordModules(): (file: string) => void {
  const found: Record<string, Record<string, string>> = {};
  const resolve = node._resolveFilename;
  node._resolveFilename = (request, parent, isMain, options) => {
    const path = resolve(request, parent, isMain, options);
    const requirer = parent?.filename ?? '';
    if (options === undefined && requirer.startsWith(ROOT) && path.startsWith(ROOT) && !isAbsolute(request)) {
      (found[fromRoot(dirname(requirer))] ??= {})[request] = fromRoot(path);
    }
    return path;
  };
  return (file) => {
    const modules = Object.keys(require.cache).filter((path) => path.startsWith(ROOT));
    const record: ModuleRecord = { modules: modules.map(fromRoot), found };
    writeFileSync(file, JSON.stringify(record));
  };
}

/**
 * Resolves modules from the record in a file from now on. Does nothing when the file does not exist.
 *
 * @returns a function that loads all recorded modules
 */
export function applyModuleRecord(file: string): () => void {
  if (!existsSync(file)) return () => undefined;
  const { modules, found } = JSON.parse(readFileSync(file, 'utf8')) as ModuleRecord;
  const recorded = new Set(modules.map((module) => join(ROOT, module)));
  const resolve = node._resolveFilename;
  node._resolveFilename = (request, parent, isMain, options) => {
    if (options === undefined && parent?.filename) {
      if (recorded.has(request)) return request;
      const path = found[fromRoot(dirname(parent.filename))]?.[request];
      if (path !== undefined) return join(ROOT, path);
    }
    return resolve(request, parent, isMain, options);
  };
  return () => {
    for (const module of recorded) require(module);
  };
}
