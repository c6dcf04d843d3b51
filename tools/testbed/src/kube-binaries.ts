/**
 * kube-apiserver, etcd and kubectl as programs: built once by Go from the versions that
 * `kube/go.mod` pins, and kept in the cache. A kubectl of the machine's own is preferred.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './cached-directory.ts';
import { goBuild } from './go-build.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** Paths of the programs that make an API server. */
export interface KubeBinaries {
  readonly kubeApiServer: string;
  readonly etcd: string;
  /** Kubernetes' version, such as `v1.36.3`. */
  readonly version: string;
}

const moduleDirectory = fileURLToPath(new URL('../kube', import.meta.url));
/** Go's import paths of the programs. */
const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
} as const;
type ProgramName = keyof typeof packages;

const goHint =
  "Install Go 1.26 or newer (the archive that the Go project offers, or your system's package " +
  'when it is as new), put it on PATH and run "npm run testbed -- build".';

/**
 * The API server's programs, built now if they are not in the cache (4 minutes on two cores).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findKubeBinaries(options: StartOptions = {}): Promise<KubeBinaries> {
  const directory = await buildPrograms(['etcd', 'kube-apiserver'], options);
  return {
    kubeApiServer: join(directory, 'kube-apiserver'),
    etcd: join(directory, 'etcd'),
    version: kubernetesVersion(await readModule('go.mod')),
  };
}

/** The path of a kubectl: the machine's own, else one built from the same sources. */
export async function findKubectl(options: StartOptions = {}): Promise<string> {
  const installed = findExecutable('kubectl', options.environment ?? process.env);
  if (installed) return installed;
  return join(await buildPrograms(['kubectl'], options), 'kubectl');
}

/** True when the programs are built, or could be. */
export function mayHaveKube(environment: Environment): boolean {
  const isBuilt = existsSync(join(cacheDirectory(environment), 'kube'));
  return isBuilt || findExecutable('go', environment) !== undefined;
}

async function buildPrograms(
  names: readonly ProgramName[],
  options: StartOptions,
): Promise<string> {
  const { environment = process.env, onProgress, signal } = options;
  const root = join(cacheDirectory(environment), 'kube');
  const go = findExecutable('go', environment);
  const prefix = await buildPrefix(names);
  if (!go) return findEarlierBuild(root, prefix);
  const goVersion = await runCommand(go, ['env', 'GOVERSION'], {
    cwd: moduleDirectory,
    failureCode: 'unavailable',
    hint: goHint,
  });
  return cachedDirectory({
    path: join(root, `${prefix}-${goVersion.trim()}`),
    signal,
    onWait: () => onProgress?.('another process is building the Kubernetes programs; waiting'),
    fill: async (directory) => {
      for (const name of names) await buildProgram(name, { go, directory, ...options });
    },
  });
}

/** Everything that decides what comes out of a build, except the version of Go. */
async function buildPrefix(names: readonly ProgramName[]): Promise<string> {
  const module = (await readModule('go.mod')) + (await readModule('go.sum'));
  const digest = createHash('sha256').update(module).digest('hex').slice(0, 12);
  const platform = `${process.platform}-${process.arch}`;
  return `${names.join('+')}-${kubernetesVersion(module)}-${platform}-${digest}`;
}

async function findEarlierBuild(root: string, prefix: string): Promise<string> {
  const builds = existsSync(root) ? await readdir(root) : [];
  const build = builds.find((name) => name.startsWith(prefix) && /-go[\d.]+$/.test(name));
  if (build) return join(root, build);
  throw new TestbedError('unavailable', 'kube-apiserver has to be built, and Go is missing', {
    hint: goHint,
  });
}

async function buildProgram(
  name: ProgramName,
  options: StartOptions & { readonly go: string; readonly directory: string },
): Promise<void> {
  const version = kubernetesVersion(await readModule('go.mod'));
  const { go, directory, onProgress, signal } = options;
  await goBuild({
    go,
    moduleDirectory,
    packagePath: packages[name],
    output: join(directory, name),
    ldflags: linkerFlags(version),
    onProgress: (line) => onProgress?.(`building ${name}: ${line}`),
    signal,
  });
}

/** Without Kubernetes' own build scripts the version has to be stamped in by hand. */
function linkerFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamp = (variable: string, value: string) =>
    `-X k8s.io/component-base/version.${variable}=${value}`;
  return [
    '-s -w',
    stamp('gitVersion', version),
    stamp('gitMajor', major),
    stamp('gitMinor', minor),
    stamp('gitTreeState', 'clean'),
  ].join(' ');
}

function readModule(file: 'go.mod' | 'go.sum'): Promise<string> {
  return readFile(join(moduleDirectory, file), 'utf8');
}

function kubernetesVersion(module: string): string {
  return /k8s\.io\/kubernetes (v[\d.]+)/.exec(module)?.[1] ?? 'v0.0.0';
}
