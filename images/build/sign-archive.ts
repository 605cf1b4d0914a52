import { execa } from 'execa';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';
import { ImageError } from './image-error.ts';

const SIGN_TIMEOUT_MS = 5 * 60_000;

/**
 * Signs an archive with cosign. Writes the signature to `<archive>.sigstore.json`. No transparency log is involved, so signing needs no
 * network: `cosign verify-blob --key PUBLIC_KEY --insecure-ignore-tlog=true --bundle <archive>.sigstore.json <archive>` verifies it.
 *
 * @param key Path of the private key. The environment variable COSIGN_PASSWORD has its password.
 * @throws ImageError with the message of cosign.
 */
export async function signArchive({
  archive,
  key,
  log,
}: {
  readonly archive: string;
  readonly key: string;
  readonly log: (line: string) => void;
}): Promise<void> {
  const { path } = await createToolResolver({ env: process.env, report: log }).resolve('cosign');
  const local = ['--tlog-upload=false', '--use-signing-config=false', '--yes'];
  const outcome = await execa(
    path,
    ['sign-blob', '--key', key, ...local, '--bundle', `${archive}.sigstore.json`, archive],
    {
      reject: false,
      timeout: SIGN_TIMEOUT_MS,
    },
  );
  if (outcome.failed) throw new ImageError(`cosign could not sign ${archive}: ${outcome.stderr}`);
  log(`signed ${archive}`);
}
