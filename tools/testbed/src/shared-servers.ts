/**
 * Servers for a whole test run: the orchestrator starts them once, hands `env` to its children, and
 * they find them through `acquirePostgres` and its siblings.
 */
import { findAws } from './aws-server.ts';
import { findCloudStorage } from './cloud-storage-server.ts';
import { findCrds } from './crd-files.ts';
import { findHelm } from './helm-binary.ts';
import { findImageBuilder } from './image-builder.ts';
import { findProxy } from './proxy-binary.ts';
import { findClusterBinaries } from './kube-binaries.ts';
import { startKube } from './kube-server.ts';
import { startMariaDb } from './mariadb-server.ts';
import { requirePods } from './pods/node-container-process.ts';
import { startPostgres } from './postgres-server.ts';
import type { StartOptions } from './start-options.ts';
import { findOldestNode } from './node-binary.ts';
import { findPrometheus } from './prometheus-binaries.ts';
import { findVault } from './vault-server.ts';
import { TestbedError } from './testbed-error.ts';
import {
  requiresAllServers,
  sharedServerVariables,
  unavailableVariable,
  type ProgramName,
  type ServerName,
} from './testbed-environment.ts';

/** Which servers to start, and how. */
export interface SharedServersOptions extends StartOptions {
  /** @defaultValue false */
  readonly postgres?: boolean;
  /** @defaultValue false */
  readonly mariadb?: boolean;
  /** @defaultValue false */
  readonly kube?: boolean;
  /** Only built: each suite starts its own (`startCluster`). @defaultValue false */
  readonly cluster?: boolean;
  /** Only built. @defaultValue false */
  readonly helm?: boolean;
  /** Only built. @defaultValue false */
  readonly proxy?: boolean;
  /** Only fetched: each suite starts its own (`startPrometheus`). @defaultValue false */
  readonly prometheus?: boolean;
  /** The oldest Node.js that the libs run on: fetched. @defaultValue false */
  readonly oldestNode?: boolean;
  /** Only fetched. @defaultValue false */
  readonly crds?: boolean;
  /** Only looked for. @defaultValue false */
  readonly pods?: boolean;
  /** Only built: each suite starts its own (`startVault`). @defaultValue false */
  readonly vault?: boolean;
  /** Only fetched: each suite starts its own (`startAws`). @defaultValue false */
  readonly aws?: boolean;
  /** Only built: each suite starts its own (`startCloudStorage`). @defaultValue false */
  readonly gcs?: boolean;
  /** Only what builds them, and the image to build on. @defaultValue false */
  readonly images?: boolean;
}

/** A server that this machine cannot run. */
export interface UnavailableServer {
  readonly server: ServerName | ProgramName;
  /** Its message says why, its `hint` how to get it. */
  readonly error: TestbedError;
}

/** Running servers, and what to tell the processes that use them. */
export interface SharedServers extends AsyncDisposable {
  /** Variables to add to the environment of child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Servers that were asked for and are not there; the children's suites skip themselves. */
  readonly unavailable: readonly UnavailableServer[];
  /** Stops all of them and removes their data. May be called again. */
  stop(): Promise<void>;
}

interface Started {
  /** Undefined for what was only built. */
  readonly address: string | undefined;
  stop(): Promise<void>;
}

type Wanted = ServerName | ProgramName;

type Outcome =
  | { readonly kind: 'started'; readonly server: Wanted; readonly started: Started }
  | { readonly kind: 'failed'; readonly server: Wanted; readonly error: TestbedError };

const onlyBuilt: Started = { address: undefined, stop: () => Promise.resolve() };

const starters: Readonly<Record<Wanted, (options: StartOptions) => Promise<Started>>> = {
  postgres: async (options) => {
    const server = await startPostgres(options);
    return { address: server.url, stop: () => server.stop() };
  },
  mariadb: async (options) => {
    const server = await startMariaDb(options);
    return { address: server.url, stop: () => server.stop() };
  },
  kube: async (options) => {
    const server = await startKube(options);
    return { address: server.kubeconfigPath, stop: () => server.stop() };
  },
  cluster: async (options) => {
    await findClusterBinaries(options);
    return onlyBuilt;
  },
  helm: async (options) => {
    await findHelm(options);
    return onlyBuilt;
  },
  prometheus: async (options) => {
    await findPrometheus(options);
    return onlyBuilt;
  },
  oldestNode: async (options) => {
    await findOldestNode(options);
    return onlyBuilt;
  },
  proxy: async (options) => {
    await findProxy(options);
    return onlyBuilt;
  },
  crds: async (options) => {
    await findCrds(options);
    return onlyBuilt;
  },
  vault: async (options) => {
    await findVault(options);
    return onlyBuilt;
  },
  aws: async (options) => {
    await findAws(options);
    return onlyBuilt;
  },
  gcs: async (options) => {
    await findCloudStorage(options);
    return onlyBuilt;
  },
  images: async (options) => {
    await findImageBuilder(options);
    return onlyBuilt;
  },
  pods: async (options) => {
    requirePods(options.environment ?? process.env);
    await findClusterBinaries(options);
    return onlyBuilt;
  },
};

/**
 * Starts the servers side by side.
 *
 * @throws AggregateError of TestbedErrors when one is here but does not start, or when one is
 * missing and `FAIRLEAD_TEST_REQUIRE=all`; the others are stopped before
 */
export async function startShared(options: SharedServersOptions): Promise<SharedServers> {
  const wanted = (Object.keys(starters) as Wanted[]).filter((server) => options[server]);
  const outcomes = await Promise.all(wanted.map((server) => tryStart(server, options)));
  const started = outcomes.filter((outcome) => outcome.kind === 'started');
  const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
  const stop = async () => {
    await Promise.all(started.map((outcome) => outcome.started.stop()));
  };
  const isRequired = requiresAllServers(options.environment ?? process.env);
  const fatal = failed.filter(({ error }) => isRequired || error.code !== 'unavailable');
  if (fatal.length > 0) {
    await stop();
    const errors = fatal.map(({ error }) => error);
    throw new AggregateError(errors, errors.map((error) => error.message).join('\n'));
  }
  return {
    env: describeServers(started, failed),
    unavailable: failed,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function tryStart(server: Wanted, options: StartOptions): Promise<Outcome> {
  try {
    return { kind: 'started', server, started: await starters[server](options) };
  } catch (error: unknown) {
    return { kind: 'failed', server, error: TestbedError.from(error, 'startFailed') };
  }
}

function describeServers(
  started: readonly (Outcome & { readonly kind: 'started' })[],
  unavailable: readonly UnavailableServer[],
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    [unavailableVariable]: unavailable.map(({ server }) => server).join(','),
  };
  for (const { server, started: running } of started) {
    if (running.address === undefined) continue;
    env[sharedServerVariables[server as ServerName]] = running.address;
  }
  return env;
}
