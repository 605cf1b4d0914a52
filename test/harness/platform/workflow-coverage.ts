import { readFile } from 'node:fs/promises';
import { WorkflowCoverage } from '@temporalio/nyc-test-coverage';
import { bundleWorkflowCode, type BundleOptions, type ReplayWorkerOptions } from '@temporalio/worker';
import { bundleOptions } from '../../../worker/workflow-bundle.ts';

/** Where Istanbul's counters are, Jest's as well as others'. */
const COUNTS = '__coverage__';

/** What a replay is given so that the lines of workflows that it runs through are counted. */
export interface CountedWorkflows {
  readonly options: Pick<ReplayWorkerOptions, 'workflowBundle' | 'sinks'>;
  /** Adds what was counted to what Jest has counted. */
  merge(): void;
}

/** Workflows run in a sandbox, where Jest counts nothing. @returns undefined when no lines are counted. */
export async function countedWorkflows(): Promise<CountedWorkflows | undefined> {
  if (!(COUNTS in globalThis)) return undefined;
  const coverage = new WorkflowCoverage();
  const swc = JSON.parse(await readFile(new URL('../../../jest.swc.json', import.meta.url), 'utf8')) as object;
  const { merge } = coverage.sinks.coverage;
  const workflowBundle = await bundleWorkflowCode({
    ...coverage.augmentBundleOptions({ ...bundleOptions(), webpackConfigHook: translatedBy(swc) }),
    logger: { ...console, log: () => {}, info: () => {}, trace: () => {}, debug: () => {} },
  });
  return {
    options: { workflowBundle, sinks: { coverage: { merge: { ...merge, callDuringReplay: true } } } },
    merge() {
      coverage.mergeIntoGlobalCoverage();
      // Jest sends it on to another process, where objects of a class would arrive without their values.
      const counts: unknown = Reflect.get(globalThis, COUNTS);
      Reflect.set(globalThis, COUNTS, JSON.parse(JSON.stringify(counts)));
    },
  };
}

/** Counts of one file can only be added up when both were taken of the same translation: Jest's. */
function translatedBy(swc: object): NonNullable<BundleOptions['webpackConfigHook']> {
  const ours = { loader: 'swc-loader', options: { ...swc, sourceMaps: true } };
  return (config) => {
    const rules = (config.module?.rules ?? []).map((rule) =>
      // The others come before or after it.
      typeof rule === 'object' && rule !== null && rule.enforce === undefined ? { ...rule, use: ours } : rule,
    );
    return { ...config, module: { ...config.module, rules } };
  };
}
