/** Helm as a program: the one that the testbed builds, with folders of its own for what it keeps. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHelm } from '@fairlead/testbed';

/** What Helm said, whatever came of it. */
export interface HelmOutcome {
  /** 0: it did what it was told. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run Helm. */
export interface HelmOptions {
  /** Of the cluster. @defaultValue none: what needs one fails */
  readonly kubeconfigPath?: string;
  /** @defaultValue the caller's */
  readonly cwd?: string;
}

/** Values and names to render with. */
export interface RenderOptions {
  /** Later ones win. */
  readonly valuesFiles?: readonly string[];
  /** As after `--set`. */
  readonly set?: readonly string[];
  /** @defaultValue 'fairlead' */
  readonly release?: string;
  /** @defaultValue 'fairlead' */
  readonly namespace?: string;
  /** APIs that the cluster is said to serve beside Kubernetes' own: `monitoring.coreos.com/v1`. */
  readonly apiVersions?: readonly string[];
}

/** Longest run in milliseconds; rendering takes a tenth of a second. */
const timeoutMs = 60_000;
/** What charts are rendered for without a cluster; a Helm built by `go build` takes 1.20 for granted. */
const kubeVersion = '1.36.0';
const maxOutputBytes = 64 * 1024 * 1024;

const run = promisify(execFile);

/** Runs Helm; a failure is an outcome. @throws TestbedError when there is no Helm */
export async function runHelm(
  args: readonly string[],
  options: HelmOptions = {},
): Promise<HelmOutcome> {
  const helm = await findHelm();
  const { kubeconfigPath = '/dev/null', cwd } = options;
  const own = join(tmpdir(), 'fairlead-helm');
  try {
    const { stdout, stderr } = await run(helm, args, {
      ...(cwd === undefined ? {} : { cwd }),
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      env: {
        PATH: process.env.PATH,
        HOME: own,
        KUBECONFIG: kubeconfigPath,
        HELM_CACHE_HOME: `${own}/cache`,
        HELM_CONFIG_HOME: `${own}/config`,
        HELM_DATA_HOME: `${own}/data`,
      },
    });
    return { code: 0, stdout, stderr };
  } catch (error: unknown) {
    const { code, stdout = '', stderr = '' } = error as Partial<HelmOutcome>;
    // Not an exit code: Helm could not be run, or did not end.
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** `helm template` of a chart; a refusal of the values is an outcome. */
export function helmTemplate(chart: string, options: RenderOptions = {}): Promise<HelmOutcome> {
  const { release = 'fairlead' } = options;
  const flags = ['--kube-version', kubeVersion, ...renderFlags(options)];
  return runHelm(['template', release, chart, ...flags]);
}

/** The flags of `install`, `upgrade` and `template` for these values. */
export function renderFlags(options: Omit<RenderOptions, 'release'>): readonly string[] {
  const { valuesFiles = [], set = [], apiVersions = [], namespace = 'fairlead' } = options;
  return [
    ...['--namespace', namespace],
    ...valuesFiles.flatMap((file) => ['--values', file]),
    ...set.flatMap((assignment) => ['--set', assignment]),
    ...apiVersions.flatMap((version) => ['--api-versions', version]),
  ];
}
