import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { listStores, type Store, type StorePlatformClient } from '../../client/index.ts';
import type { CommandContext } from '../context.ts';
import { ConflictError, UsageError } from '../exit-codes.ts';
import { showUntilEnd } from '../wait.ts';
import { parseDocument, type DesiredStore, type StoreDocument } from './apply-document.ts';
import { showStores } from './show-store.ts';

/** A store that was created and deleted this often under one name has a problem that a person must see. */
const MAX_GENERATIONS = 1_000;

interface Options {
  readonly file: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

type Change =
  | { readonly kind: 'create'; readonly desired: DesiredStore }
  | { readonly kind: 'keep'; readonly desired: DesiredStore; readonly store: Store }
  | { readonly kind: 'conflict'; readonly desired: DesiredStore; readonly reason: string };

/** Creates the command `apply`. */
export function applyCommand(context: () => CommandContext): Command {
  return new Command('apply')
    .description('create the stores of a document that do not exist')
    .requiredOption('-f, --file <file>', 'YAML document, or - for standard input')
    .option('--dry-run', 'only show the difference')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait until the new stores are ready')
    .action(async (options: Options) => apply(context(), options));
}

async function apply(context: CommandContext, options: Options): Promise<void> {
  const { client, output } = context;
  const document = await parseDocument(await textOf(options.file), options.file);
  const present: Store[] = [];
  for await (const store of listStores(client, { limit: 100 })) present.push(store);
  const changes = document.stores.map((desired) => changeOf(desired, present));
  for (const change of changes) output.say(lineOf(change));
  const conflicts = changes.filter(({ kind }) => kind === 'conflict');
  if (conflicts.length > 0) throw new ConflictError('Stores differ from the document. Nothing was changed.');
  const missing = changes.flatMap((change) => (change.kind === 'create' ? [change.desired] : []));
  if (options.dryRun === true) return;
  if (missing.length > 0 && options.yes !== true) await confirm(context, missing.length);
  const created: Store[] = [];
  for (const desired of missing) created.push(await create(client, document, desired));
  if (options.wait === true) {
    for (const { operation } of created) if (operation !== null) await showUntilEnd(context, operation);
  }
  const kept = changes.flatMap((change) => (change.kind === 'keep' ? [change.store] : []));
  if (output.isJson) output.json([...kept, ...created]);
  else if (created.length > 0) showStores(output, created);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Compares a store of the document with the present stores. */
function changeOf(desired: DesiredStore, present: readonly Store[]): Change {
  const named = present.filter(({ name }) => name === desired.name);
  const [store, ...others] = named;
  if (store === undefined) return { kind: 'create', desired };
  if (others.length > 0) return { kind: 'conflict', desired, reason: `${named.length} stores have this name` };
  const reason = differenceOf(desired, store);
  return reason === undefined ? { kind: 'keep', desired, store } : { kind: 'conflict', desired, reason };
}

/** Returns how a store differs from the document. Fields that the document does not have may have every value. */
function differenceOf(desired: DesiredStore, store: Store): string | undefined {
  for (const field of ['engine', 'onFailure', 'volumePolicy'] as const) {
    const wanted = JSON.stringify(desired[field]);
    const actual = JSON.stringify(store[field]);
    if (wanted !== undefined && wanted !== actual) {
      return `${field} is ${actual}, not ${wanted}, and cannot be changed: delete the store first`;
    }
  }
  return undefined;
}

function lineOf(change: Change): string {
  const { name, engine } = change.desired;
  if (change.kind === 'create') return `+ ${name} (${engine})`;
  return change.kind === 'keep' ? `= ${name} (${change.store.status})` : `! ${name}: ${change.reason}`;
}

async function confirm({ ask }: CommandContext, count: number): Promise<void> {
  if (ask === undefined) throw new UsageError('Confirm with --yes: there is no terminal to ask on.');
  const answer = await ask(`Create ${count} ${count === 1 ? 'store' : 'stores'}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was changed.');
}

/**
 * Creates a store. The key comes from the document, so a repeated command, also on another machine, creates no second one. A
 * key belongs to its store forever, so after a delete the next key follows from the id of the deleted store.
 */
async function create(client: StorePlatformClient, document: StoreDocument, desired: DesiredStore): Promise<Store> {
  let deleted = '';
  for (let generation = 1; generation <= MAX_GENERATIONS; generation += 1) {
    const header = { 'Idempotency-Key': keyOf(document.name, desired, deleted) };
    const { data } = await client.POST('/api/stores', { params: { header }, body: desired });
    if (data === undefined) throw new Error('The API returned no store.');
    if (data.status !== 'deleting' && data.status !== 'deleted') return data;
    deleted = data.storeId;
  }
  throw new ConflictError(`The store ${desired.name} was deleted ${MAX_GENERATIONS} times.`);
}

function keyOf(documentName: string, desired: DesiredStore, deleted: string): string {
  const source = JSON.stringify([documentName, desired, deleted]);
  return `apply-${createHash('sha256').update(source).digest('base64url')}`;
}
