/**
 * A Java program's jars, fetched by Maven into a folder: the artifact, and what it needs at runtime.
 * Maven is asked as people have it configured: mirrors, proxies and credentials are its business.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** What to resolve, and where to. */
export interface MavenResolveOptions {
  /** Path of the mvn command. */
  readonly mvn: string;
  /** The artifact that names the rest. */
  readonly artifact: MavenArtifact;
  /** Folder that the jars are copied into; must exist. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/** One artifact by its coordinates. */
export interface MavenArtifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
}

/** Lines of Maven's complaint that are worth showing; the rest is advice about its flags. */
const maxDetailLines = 5;

/**
 * Copies the artifact's jar and all jars that it needs at runtime.
 *
 * @throws TestbedError `unavailable` when one of them cannot be had; `detail` says which
 */
export async function mavenResolve(options: MavenResolveOptions): Promise<void> {
  const { mvn, artifact, directory, signal } = options;
  const project = await mkdtemp(join(tmpdir(), 'fairlead-maven-'));
  try {
    await writeFile(join(project, 'pom.xml'), pomOf(artifact));
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
    const args = ['--batch-mode', '--quiet', ...goal, `-DoutputDirectory=${directory}`];
    await runCommand(mvn, args, { cwd: project, signal, failureCode: 'unavailable' });
  } catch (cause: unknown) {
    signal?.throwIfAborted();
    const { group, name, version } = artifact;
    const message = `Maven could not fetch ${group}:${name}:${version}`;
    throw new TestbedError('unavailable', message, { cause, detail: complaintOf(cause) });
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

/** A project that is nothing but a wish for one artifact. */
function pomOf({ group, name, version }: MavenArtifact): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fairlead</groupId>
  <artifactId>resolve</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>${group}</groupId>
      <artifactId>${name}</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;
}

function complaintOf(cause: unknown): string | undefined {
  const { detail } = TestbedError.from(cause, 'unavailable');
  const lines = detail?.split('\n').filter((line) => line.includes('[ERROR]'));
  return lines?.slice(0, maxDetailLines).join('\n');
}
