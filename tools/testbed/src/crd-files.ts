/**
 * Custom resource definitions that installations rely on and do not bring: those of cert-manager, of
 * the Prometheus operator and of the Gateway API, as their projects publish them with the Go modules
 * that `crds/go.mod` pins. Nothing of these modules is compiled.
 */
import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './cached-directory.ts';
import { goHint, mayHavePrograms, readModule } from './go-programs.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

const cacheFolder = 'crds';
const moduleDirectory = fileURLToPath(new URL('../crds', import.meta.url));

/** Module to the files wanted of it. */
const files: Readonly<Record<string, readonly string[]>> = {
  'github.com/cert-manager/cert-manager': ['deploy/crds/cert-manager.io_certificates.yaml'],
  'github.com/prometheus-operator/prometheus-operator': [
    'servicemonitors',
    'podmonitors',
    'prometheusrules',
  ].map((kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`),
  'sigs.k8s.io/gateway-api': ['httproutes', 'grpcroutes', 'tlsroutes'].map(
    (kind) => `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
  ),
};

/**
 * A folder with one YAML file for each definition, fetched now if it is not in the cache (55 MB,
 * some seconds).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy
 */
export async function findCrds(options: StartOptions = {}): Promise<string> {
  const { environment = process.env, signal } = options;
  const [goMod, goSum] = await Promise.all([
    readModule({ moduleDirectory }, 'go.mod'),
    readModule({ moduleDirectory }, 'go.sum'),
  ]);
  const wanted = goMod + goSum + JSON.stringify(files);
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return cachedDirectory({
    path: join(cacheDirectory(environment), cacheFolder, digest),
    signal,
    fill: (directory) => fetchFiles(directory, options),
  });
}

/** True when the definitions are there, or could be fetched. */
export function mayHaveCrds(environment: Environment): boolean {
  return mayHavePrograms({ cacheFolder }, environment);
}

async function fetchFiles(directory: string, options: StartOptions): Promise<void> {
  const { environment = process.env, onProgress, signal } = options;
  const go = findExecutable('go', environment);
  if (!go) {
    const what = 'custom resource definitions must be fetched, and Go is missing';
    throw new TestbedError('unavailable', what, { hint: goHint });
  }
  onProgress?.('fetching custom resource definitions');
  const output = await runCommand(go, ['mod', 'download', '-json', ...Object.keys(files)], {
    cwd: moduleDirectory,
    signal,
    failureCode: 'unavailable',
    hint: 'The first run has to reach a Go module proxy; see "go env GOPROXY".',
  });
  for (const { path, folder } of modulesIn(output)) {
    for (const file of files[path] ?? []) {
      await copyFile(join(folder, file), join(directory, basename(file)));
    }
  }
}

/** Go prints one JSON object after the other. */
function modulesIn(output: string): readonly { readonly path: string; readonly folder: string }[] {
  const objects = output.trim().split(/(?<=^\})\n/m);
  return objects.map((text) => {
    const { Path, Dir } = JSON.parse(text) as { readonly Path: string; readonly Dir: string };
    return { path: Path, folder: Dir };
  });
}
