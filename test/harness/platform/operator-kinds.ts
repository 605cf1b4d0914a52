import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

interface Source {
  readonly module: string;
  readonly version: string;
  /** Checksum of the module, as go.sum has it. */
  readonly sum: string;
  readonly folder: string;
  /** The files to read. */
  readonly files: RegExp;
}

/** The Go modules that contain the CustomResourceDefinitions of the operators to which the charts refer. */
const SOURCES: readonly Source[] = [
  {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.6.3',
    sum: 'h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=',
    folder: 'config/crd/standard',
    files: /^gateway\.networking\.k8s\.io_(gateways|httproutes)\.yaml$/,
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    folder: 'example/prometheus-operator-crd',
    files: /_(servicemonitors|podmonitors|prometheusrules)\.yaml$/,
  },
  {
    module: 'github.com/external-secrets/external-secrets',
    version: 'v0.16.2',
    sum: 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68=',
    folder: 'config/crds/bases',
    files: /^external-secrets\.io_externalsecrets\.yaml$/,
  },
  {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    folder: 'config/crd/bases',
    files: /^keda\.sh_(scaledobjects|triggerauthentications)\.yaml$/,
  },
  {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    folder: 'deploy/crds',
    files: /(certificates|clusterissuers|issuers)\.yaml$/,
  },
];

const Download = z.object({ Dir: z.string(), Sum: z.string() });

/**
 * Returns the CustomResourceDefinitions of the Gateway API, prometheus-operator, External Secrets, KEDA and cert-manager. Go's module
 * cache keeps them.
 *
 * @throws Error when a module has another checksum than the pinned one.
 */
export async function operatorKinds(): Promise<readonly KubernetesObject[]> {
  const found = await Promise.all(SOURCES.map(definitionsOf));
  return found.flat();
}

async function definitionsOf({ module, version, sum, folder, files }: Source): Promise<readonly KubernetesObject[]> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', `${module}@${version}`], { timeout: 300_000 });
  const { Dir: directory, Sum: actual } = Download.parse(JSON.parse(stdout));
  if (actual !== sum) throw new Error(`the module ${module}@${version} has the checksum ${actual}, not ${sum}`);
  const names = (await readdir(join(directory, folder))).filter((name) => files.test(name));
  if (names.length === 0) throw new Error(`the module ${module}@${version} has no file ${folder}/${files.source}`);
  const texts = await Promise.all(names.map((name) => readFile(join(directory, folder, name), 'utf8')));
  return texts.flatMap((text) =>
    parseAllDocuments(text)
      .map((document): unknown => document.toJS())
      .filter((object): object is KubernetesObject => (object as KubernetesObject | null)?.kind !== undefined),
  );
}
