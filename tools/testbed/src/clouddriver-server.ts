/**
 * A real, unmodified Clouddriver on loopback, over a database of the caller's. Start at
 * `startClouddriver`.
 */
import { stringify } from 'yaml';
import { clouddriverConfig } from './clouddriver-config.ts';
import { findClouddriver, type ClouddriverJars } from './clouddriver-jars.ts';
import { startOnFreePort } from './free-port.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import type { ServerControl } from './server-process.ts';
import type { StartOptions } from './start-options.ts';

/** A Clouddriver of one's own. Its data is in the database that it was given, and stays there. */
export interface ClouddriverHandle extends ServerControl {
  /** Such as `http://127.0.0.1:17002`. */
  readonly url: string;
}

/** How to start Clouddriver. */
export interface ClouddriverOptions extends StartOptions {
  /** The database that it keeps everything in; its migrations make the tables. */
  readonly databaseUrl: string;
  /** More configuration, as in `clouddriver.yml`; it wins key by key. @defaultValue none */
  readonly config?: object;
}

/** Measured: 17 s on a free core, and 10 s until it trusts its database; more beside other work. */
const defaultStartTimeoutMs = 240_000;
const mainClass = 'com.netflix.spinnaker.clouddriver.Main';
/** Start fast and leave the machine to others: a test asks little of it. */
const javaFlags = [
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:ActiveProcessorCount=1', '-Xmx640m'],
];

/**
 * Starts Clouddriver on a free port; resolves when its health check says that it is up.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function startClouddriver(options: ClouddriverOptions): Promise<ClouddriverHandle> {
  const jars = await findClouddriver(options);
  return startOnFreePort(async (port) => {
    const url = `http://127.0.0.1:${String(port)}`;
    const program = await startJava(jars, { ...options, port, url });
    return Object.assign(program, { url });
  });
}

function startJava(
  { java, directory }: ClouddriverJars,
  options: ClouddriverOptions & { readonly port: number; readonly url: string },
): Promise<ProgramHandle> {
  const { port, url, databaseUrl, config = {}, signal, readyTimeoutMs } = options;
  return startProgram({
    name: 'clouddriver',
    command: 'nice',
    // Its own home and temporary folder: what a person has configured elsewhere is not read, and
    // the kubeconfigs that it writes out go with it.
    args: (home) => [
      ...['-n', '10', java, ...javaFlags, `-Duser.home=${home}`, `-Djava.io.tmpdir=${home}`],
      ...['-cp', `${directory}/*`, mainClass],
    ],
    files: {
      'clouddriver.yml': stringify(clouddriverConfig({ port, databaseUrl })),
      // The profile `local` is one of its defaults, and wins.
      'clouddriver-local.yml': stringify(config),
    },
    isReady: async () => (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })).ok,
    readyTimeoutMs: readyTimeoutMs ?? defaultStartTimeoutMs,
    signal,
  });
}
