import { expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { fixedPorts } from '../processes/ports.ts';
import { prepareTraceViewer } from './trace-viewer.ts';

test.each(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
  'traces do not go to Zipkin while %s names another collector',
  async (name) => {
    const env = { [name]: 'http://otel:4318' };
    const preparing = prepareTraceViewer({
      env,
      config: loadConfig(env),
      ports: fixedPorts(env),
      report: () => {},
      signal: new AbortController().signal,
    });
    await expect(preparing).rejects.toThrow(name);
  },
);
