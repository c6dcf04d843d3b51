/**
 * Where Clouddriver's jars come from: a folder that somebody has installed it into, or a version
 * that Maven fetches. Nobody looks for one unless `FAIRLEAD_TESTBED_CLOUDDRIVER` says which.
 */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { mavenResolve } from './maven-resolve.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, clouddriverSource, type Environment } from './testbed-environment.ts';

/** A Clouddriver that can be started. */
export interface ClouddriverJars {
  /** Path of a java of version 17 or newer. */
  readonly java: string;
  /** Folder with the jars. */
  readonly directory: string;
}

/** Since 2023 (release 1.32) Clouddriver is built for it. */
const leastJavaVersion = 17;
const artifact = { group: 'io.spinnaker.clouddriver', name: 'clouddriver-web' };

const javaHint = 'Install a Java runtime of version 17 or newer (Debian: openjdk-17-jre-headless).';
const sourceHint =
  'Set FAIRLEAD_TESTBED_CLOUDDRIVER to a folder with lib/*.jar (as /opt/clouddriver in its image), or to ' +
  'a version that Maven can fetch, such as 2026.2.3.';

/** True when somebody has said where a Clouddriver is. */
export function mayHaveClouddriver(environment: Environment): boolean {
  return clouddriverSource(environment) !== undefined;
}

/**
 * Finds the jars; those of a version are fetched once and kept in the cache.
 *
 * @throws TestbedError `unavailable` without Java, or when the jars are not there
 */
export async function findClouddriver(options: StartOptions = {}): Promise<ClouddriverJars> {
  const { environment = process.env } = options;
  const source = clouddriverSource(environment);
  if (source === undefined) {
    throw new TestbedError('unavailable', 'no Clouddriver is named', { hint: sourceHint });
  }
  const java = await findJava(environment);
  const directory = isAbsolute(source) ? installedJars(source) : await fetchedJars(source, options);
  return { java, directory };
}

function installedJars(folder: string): string {
  const directory = join(folder, 'lib');
  if (existsSync(directory)) return directory;
  throw new TestbedError('unavailable', `there is no ${directory}`, { hint: sourceHint });
}

async function fetchedJars(version: string, options: StartOptions): Promise<string> {
  const { environment = process.env, onProgress, signal } = options;
  const mvn = findExecutable('mvn', environment);
  const path = join(cacheDirectory(environment), 'clouddriver', version);
  return cachedDirectory({
    path,
    signal,
    onWait: () => onProgress?.('another process is fetching Clouddriver; waiting'),
    fill: async (directory) => {
      if (!mvn) {
        const hint = `Install Maven (Debian: maven). ${sourceHint}`;
        throw new TestbedError('unavailable', 'Maven is not installed', { hint });
      }
      onProgress?.(`fetching Clouddriver ${version} with Maven`);
      await mavenResolve({ mvn, artifact: { ...artifact, version }, directory, signal });
    },
  });
}

async function findJava(environment: Environment): Promise<string> {
  const home = environment.JAVA_HOME;
  const java = home ? join(home, 'bin', 'java') : findExecutable('java', environment);
  if (!java) throw new TestbedError('unavailable', 'Java is not installed', { hint: javaHint });
  const properties = await runCommand(java, ['--version'], { failureCode: 'unavailable' });
  const version = Number(/(\d+)/.exec(properties)?.[1] ?? 0);
  if (version >= leastJavaVersion) return java;
  throw new TestbedError('unavailable', `Java ${version} is too old`, { hint: javaHint });
}
