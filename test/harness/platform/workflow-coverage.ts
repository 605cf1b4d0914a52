import { readFile } from 'node:fs/promises';
import { WorkflowCoverage } from '@temporalio/nyc-test-coverage';
import { bundleWorkflowCode, type BundleOptions, type ReplayWorkerOptions } from '@temporalio/worker';
import { traceSinks } from '../../../worker/traces.ts';
import { bundleOptions } from '../../../worker/workflow-bundle.ts';

/** The global variable in which Istanbul keeps its counters, for Jest and for workflows. */
const COUNTS = '__coverage__';

/** Options for a replay that counts the workflow lines that it executes. */
export interface CountedWorkflows {
  readonly options: Pick<ReplayWorkerOptions, 'workflowBundle' | 'sinks'>;
  /** Adds the counts to Jest's own counts. */
  merge(): void;
}

/** Returns options that count workflow lines, or undefined without `--coverage`. Jest cannot count inside the workflow sandbox. */
export async function countedWorkflows(): Promise<CountedWorkflows | undefined> {
  if (!(COUNTS in globalThis)) return undefined;
  const coverage = new WorkflowCoverage();
  const swc = JSON.parse(await readFile(new URL('../../../jest.swc.json', import.meta.url), 'utf8')) as object;
  const { merge } = coverage.sinks.coverage;
  const workflowBundle = await bundleWorkflowCode({
    ...coverage.augmentBundleOptions({ ...bundleOptions(), webpackConfigHook: compiledBy(swc) }),
    logger: { ...console, log: () => {}, info: () => {}, trace: () => {}, debug: () => {} },
  });
  return {
    options: {
      workflowBundle,
      sinks: { ...traceSinks(undefined), coverage: { merge: { ...merge, callDuringReplay: true } } },
    },
    merge() {
      coverage.mergeIntoGlobalCoverage();
      // Jest sends the counts to another process, and class instances lose their values on the way.
      const counts: unknown = Reflect.get(globalThis, COUNTS);
      Reflect.set(globalThis, COUNTS, JSON.parse(JSON.stringify(counts)));
    },
  };
}

/** Makes webpack compile workflows as Jest does: counts of one file can be added only if both come from the same output. */
function compiledBy(swc: object): NonNullable<BundleOptions['webpackConfigHook']> {
  const ours = { loader: 'swc-loader', options: { ...swc, sourceMaps: true } };
  return (config) => {
    const rules = (config.module?.rules ?? []).map((rule) =>
      // Rules with `enforce` run before or after the compiler.
      typeof rule === 'object' && rule !== null && rule.enforce === undefined ? { ...rule, use: ours } : rule,
    );
    return { ...config, module: { ...config.module, rules } };
  };
}
