import type { Config } from '../../config/index.ts';
import { tracingFrom } from '../../config/traces.ts';
import { portNeed, requireFree, type PortNeed, type Ports } from '../processes/ports.ts';
import { requireOk } from '../processes/require-ok.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { minimalEnvironment, type ServiceEnv } from '../service.ts';
import { StackError } from '../stack-error.ts';
import { startOtlpBridge, type OtlpBridge } from './otlp-bridge.ts';
import { findJava, findZipkinJar } from './zipkin-jar.ts';

const PROBE_TIMEOUT_MS = 2_000;
/** Zipkin keeps the newest spans in memory. This number needs about 200 MB. */
const MAX_SPANS = 200_000;

/** Zipkin, and what sends the traces of the platform to it. */
export interface TraceViewer {
  /** Address of Zipkin for browsers. */
  readonly url: string;
  /** Settings with which API and worker send their traces to the viewer. */
  readonly env: ServiceEnv;
  /** Starts the viewer. `run` starts a process and waits until it is ready. */
  start(run: (spec: ProcessSpec) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Finds Java and Zipkin. It runs before any service of the stack starts, because both may be missing.
 *
 * @throws StackError when one of them is missing, or the environment already names a collector.
 */
export async function prepareTraceViewer({
  env,
  config,
  ports,
  report,
  signal,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Config;
  readonly ports: Ports;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}): Promise<TraceViewer> {
  if (tracingFrom(config, '').url !== undefined) {
    throw new StackError(
      '--traces sends the traces to Zipkin, but OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names another ' +
        'collector: unset it, or start without --traces.',
    );
  }
  const java = await findJava(env);
  const jar = await findZipkinJar({ env, report, signal });
  const url = `http://127.0.0.1:${ports.zipkin}`;
  let bridge: OtlpBridge | undefined;
  return {
    url,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlp}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
    async start(run) {
      await requireFree([portNeed(ports, 'otlp')]);
      bridge = await startOtlpBridge({ port: ports.otlp, zipkinUrl: url });
      report('Starting Zipkin ...');
      await run(zipkinProcess({ java, jar, port: portNeed(ports, 'zipkin'), url }));
    },
    close: async () => bridge?.close(),
  };
}

/** Returns the process of Zipkin, which listens on loopback and keeps traces in memory. */
export function zipkinProcess({
  java,
  jar,
  port,
  url,
}: {
  readonly java: string;
  readonly jar: string;
  readonly port: PortNeed;
  readonly url: string;
}): ProcessSpec {
  return {
    name: 'zipkin',
    command: java,
    args: [
      '-Xmx384m',
      '-jar',
      jar,
      '--armeria.ports[0].ip=127.0.0.1',
      `--armeria.ports[0].port=${port.port}`,
      '--armeria.ports[0].protocols[0]=http',
      `--zipkin.storage.mem.max-spans=${MAX_SPANS}`,
      '--logging.level.root=WARN',
    ],
    env: minimalEnvironment(),
    ports: [port],
    probe: (signal) => requireOk(`${url}/health`, signal, PROBE_TIMEOUT_MS),
    readyDeadlineMs: 180_000, // 5 s on an idle machine, a minute on a busy one
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
  };
}
