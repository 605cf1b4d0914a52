/**
 * Completes the CycloneDX document that `npm sbom` writes with the programs of the image that npm does not know: Node and Helm. Reads
 * the document from standard input and writes it to standard output.
 */
import { text } from 'node:stream/consumers';

const document = JSON.parse(await text(process.stdin));
const { HELM_VERSION: helm } = process.env;
const programs = [
  { name: 'node', version: process.versions.node, purl: `pkg:generic/node@${process.versions.node}` },
  ...(helm ? [{ name: 'helm', version: helm, purl: `pkg:golang/helm.sh/helm/v4@v${helm}` }] : []),
];
document.components.push(
  ...programs.map(({ purl, ...program }) => ({ 'bom-ref': purl, type: 'application', purl, ...program })),
);
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
