import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { tracingFrom } from '../../config/traces.ts';
import { openTracing } from '../../telemetry/tracing/tracing.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { freePorts } from '../processes/ports.ts';
import { openStateFolder } from '../processes/state-folder.ts';
import { createSupervisor, type Supervisor } from '../processes/supervisor.ts';
import type { ZipkinSpan } from './otlp-to-zipkin.ts';
import { prepareTraceViewer, type TraceViewer } from './trace-viewer.ts';
import { findJava, findZipkinJar } from './zipkin-jar.ts';

const { signal } = new AbortController();

/** Returns why Zipkin cannot run here. Undefined: it can. */
async function obstacle(): Promise<string | undefined> {
  try {
    await findJava(process.env);
    await findZipkinJar({ env: process.env, report: () => {}, signal });
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const problem = await obstacle();
if (problem !== undefined) process.stderr.write(`NOT RUN: traces in Zipkin. ${problem}\n`);
const describeIf = problem === undefined ? describe : describe.skip;

describeIf('the viewer of "npm start -- --traces"', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zipkin-'));
  let supervisor: Supervisor;
  let viewer: TraceViewer;
  beforeAll(async () => {
    supervisor = createSupervisor(openStateFolder(folder));
    const config = loadConfig({});
    viewer = await prepareTraceViewer({ env: process.env, config, ports: await freePorts(), report: () => {}, signal });
    await viewer.start((spec) => supervisor.start(spec, signal));
  }, 300_000);
  afterAll(async () => {
    await supervisor.stopAll();
    await viewer.close();
    rmSync(folder, { recursive: true });
  });

  test('shows a trace that a process sends with the settings of the viewer', async () => {
    const settings = tracingFrom(loadConfig({}, viewer.env), 'store-platform-api');
    const tracing = await openTracing(settings, { onError: () => {} });
    const traceId = await tracing?.inSpan({ name: 'POST /api/stores', kind: 'server' }, async ({ ids }) => {
      await tracing.traceCall({ name: 'helm upgrade' }, async (span) => span?.fail('RELEASE_FAILED'));
      return ids.traceId;
    });
    await tracing?.shutDown();
    const spans = await eventually(async () => {
      const response = await fetch(`${viewer.url}/api/v2/trace/${traceId}`);
      if (!response.ok) throw new Error(`Zipkin returned ${response.status}`);
      return (await response.json()) as readonly ZipkinSpan[];
    });
    const [request, helm] = spans.toSorted((one, other) => (one.parentId ?? '').localeCompare(other.parentId ?? ''));
    expect(request).toMatchObject({ name: 'post /api/stores', localEndpoint: { serviceName: 'store-platform-api' } });
    expect(helm).toMatchObject({ parentId: request?.id, name: 'helm upgrade', tags: { error: 'RELEASE_FAILED' } });
    const page = await fetch(`${viewer.url}/zipkin/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Zipkin')]);
  });
});
