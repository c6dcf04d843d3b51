/**
 * What builds container images here, where no container engine is: buildah, which reads a Dockerfile
 * as engines do, and mmdebstrap, which makes the Debian to start from. Needs root.
 */
import { installWithApt, mayInstallWithApt } from './apt-packages.ts';
import { findExecutable } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import type { Environment } from './testbed-environment.ts';

/** Paths of the programs. */
export interface ImageTools {
  readonly buildah: string;
  readonly mmdebstrap: string;
}

const packages = ['buildah', 'mmdebstrap'];
const hint = 'Run as root on Linux with buildah and mmdebstrap (Debian has both).';

/**
 * Finds them, or installs them.
 *
 * @throws TestbedError `unavailable`
 */
export async function findImageTools(options: StartOptions = {}): Promise<ImageTools> {
  const { environment = process.env } = options;
  if (!isRootOnLinux()) throw new TestbedError('unavailable', 'images need root', { hint });
  const isInstalled = () => Promise.resolve(lookUp(environment) !== undefined);
  if (!(await isInstalled()) && mayInstallWithApt(environment)) {
    await installWithApt({ title: 'buildah', packages, hint, isInstalled }, options);
  }
  const tools = lookUp(environment);
  if (tools) return tools;
  throw new TestbedError('unavailable', 'buildah or mmdebstrap is not installed', { hint });
}

/** True when they are there, or could be installed. */
export function mayHaveImages(environment: Environment): boolean {
  const mayBe = lookUp(environment) !== undefined || mayInstallWithApt(environment);
  return isRootOnLinux() && mayBe;
}

function isRootOnLinux(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

function lookUp(environment: Environment): ImageTools | undefined {
  const buildah = findExecutable('buildah', environment);
  const mmdebstrap = findExecutable('mmdebstrap', environment);
  return buildah && mmdebstrap ? { buildah, mmdebstrap } : undefined;
}
