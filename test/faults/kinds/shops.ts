import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineSpec } from '../../../domain/engines/index.ts';
import { violation, type Violation } from '../checks/violation.ts';
import { type Attack, ATTACKS, openShopServer, type ShopServer } from '../environment/shop-server.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const SAMPLE_MS = 250;
/** Growth of the memory of a worker that the fault allows. An answer of a shop may take 1 MiB. */
const MAX_GROWTH_MIB = 256;

let server: ShopServer | undefined;

/** Returns the resident memory of a process in MiB, 0 when it has ended. */
function residentMib(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

interface Memory {
  /** MiB per worker, before the first request to a shop and at most since then. */
  readonly growth: () => readonly { readonly worker: number; readonly beforeMib: number; readonly mostMib: number }[];
  stop(): void;
}

function watchMemory({ environment }: FaultContext): Memory {
  const before = environment.workers.map((worker) => residentMib(worker.pid()));
  const most = [...before];
  const timer = setInterval(() => {
    environment.workers.forEach((worker, index) => {
      most[index] = Math.max(most[index] ?? 0, residentMib(worker.pid()));
    });
  }, SAMPLE_MS);
  const growth = () =>
    most.map((mostMib, worker) => ({
      worker,
      beforeMib: Math.round(before[worker] ?? 0),
      mostMib: Math.round(mostMib),
    }));
  return { growth, stop: () => clearInterval(timer) };
}

/** Creates a store whose shop attacks the platform. Returns a violation when it does not fail with a clear cause. */
async function createHostile({ client, runName }: FaultContext, attack: Attack): Promise<readonly Violation[]> {
  const key = `${runName}-${attack}`;
  await client.create({ key, name: `${attack} ${key}`, engine: 'woocommerce' });
  const store = await client.waitUntilIdle(client.storeIdOfKey(key));
  const { code, message } = store?.failure ?? {};
  if (store?.status === 'failed' && code === 'VERIFICATION_FAILED' && message !== undefined) return [];
  return [violation('I9', `the store with the shop ${attack} is ${store?.status}, with the cause ${code}: ${message}`)];
}

/** Returns a violation for each store with an honest shop that failed, and the seconds in which the others became ready. */
async function honestStores({ environment, runName }: FaultContext): Promise<{
  readonly violations: readonly Violation[];
  readonly readySeconds: readonly number[];
}> {
  const { rows } = await environment.db.query<{ id: string; status: string; seconds: number | null }>(
    `select id, status, extract(epoch from ready_at - created_at)::float as seconds from stores where name like $1`,
    [`Shop ${runName}-%`],
  );
  return {
    violations: rows
      .filter(({ status }) => status === 'failed')
      .map(({ id }) => violation('I9', `the store ${id} failed, although its shop accepts orders`)),
    readySeconds: rows.flatMap(({ seconds }) => seconds ?? []),
  };
}

const hostileShop: FaultKind = {
  kind: 'hostile-shop',
  title:
    'Shops answer the verification with an endless body, a gzip bomb, a slow drip, a redirect loop and huge headers',
  traffic: { engines: ['woocommerce'] },
  expects: { kind: 'either' }, // `inject` checks which stores fail
  setUp: async ({ environment }) => {
    const { secretName } = engineSpec('woocommerce');
    server = await openShopServer(async (namespace) => {
      const { data } = await environment.kube.core.readNamespacedSecret({ name: secretName, namespace });
      return Buffer.from(data?.['auth-key'] ?? '', 'base64').toString();
    });
    environment.atStop(async () => server?.close());
    const env = { FAULT_NODES: 'real', STORE_PORT: String(server.port) };
    for (const worker of environment.workers) {
      await worker.kill('SIGTERM');
      await worker.start({ env });
      worker.cluster.setForwardPort(server.port);
    }
  },
  inject: async (context) => {
    const memory = watchMemory(context);
    try {
      const hostile = await Promise.all(ATTACKS.map((attack) => createHostile(context, attack)));
      await context.trafficDone;
      const honest = await honestStores(context);
      context.reportSeconds(honest.readySeconds);
      const growth = memory.growth();
      const facts = { memory: growth, requests: Object.fromEntries(server?.attacked ?? []) };
      writeFileSync(join(context.environment.logs, 'hostile-shop.json'), `${JSON.stringify(facts)}\n`);
      const grown = growth.filter(({ beforeMib, mostMib }) => mostMib - beforeMib > MAX_GROWTH_MIB);
      return [
        ...hostile.flat(),
        ...honest.violations,
        ...grown.map(({ worker, beforeMib, mostMib }) =>
          violation('I9', `worker ${worker} grew from ${beforeMib} to ${mostMib} MiB`),
        ),
      ];
    } finally {
      memory.stop();
    }
  },
};

export const SHOP_KINDS: readonly FaultKind[] = [hostileShop];
