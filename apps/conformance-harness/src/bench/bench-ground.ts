/** What a benchmark stands on: simulated clusters in a process of their own, a database, both programs. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ProgramHandle,
  type SqlServerHandle,
  startMariaDb,
  startPostgres,
  startProgram,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../installation/programs.ts';

/** The simulated clusters of a benchmark. */
export interface BenchClusters extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly program: ProgramHandle;
}

/** The databases that runs write into. */
export const databaseKinds = ['postgres', 'mariadb', 'embedded'] as const;
/** One of them. */
export type DatabaseKind = (typeof databaseKinds)[number];

/** An empty database. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  /** Of the server's first process; `undefined` where the bridge is the server. */
  readonly serverPid: number | undefined;
}

/** What runs on while databases come and go. */
export interface BenchServer extends AsyncDisposable {
  /** Makes a database, which is dropped when it is disposed of. */
  createDatabase(): Promise<BenchDatabase>;
}

/** Both programs over one simulated cluster. */
export interface BenchInstallation extends AsyncDisposable {
  readonly bridge: BridgeProgram;
  readonly agent: AgentProgram;
}

/**
 * Tests' servers have a third of MariaDB's own log, so that it is made sooner; whoever runs one has this
 * or more.
 * @see https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-system-variables
 */
const mariaDbDefaults = { innodb_log_file_size: '96M' };

const harness = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Simulated clusters, each with `objects` objects, `pods` Pods and `churn` changes a second. */
export async function startClusters(options: {
  readonly clusters: number;
  readonly objects: number;
  readonly churn: number;
  /** Pods of about 3 KB besides the objects. @defaultValue none */
  readonly pods?: number;
}): Promise<BenchClusters> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  const { clusters, objects, churn, pods = 0 } = options;
  const program = await startProgram({
    name: 'clusters',
    command: process.execPath,
    args: [
      ...[harness, 'simulate', '--clusters', String(clusters), '--objects', String(objects)],
      ...['--pods', String(pods), '--churn', String(churn), '--kubeconfig-out', kubeconfig],
    ],
    isReady: async () => (await readFile(kubeconfig, 'utf8')).includes('contexts:'),
  });
  const dispose = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { kubeconfig, program, [Symbol.asyncDispose]: dispose };
}

/** Starts the server that runs write into; it syncs commits to the disk, as in production. */
export async function startBenchServer(kind: DatabaseKind): Promise<BenchServer> {
  switch (kind) {
    case 'embedded':
      return noServer;
    case 'postgres':
      return databasesOn(await startPostgres());
    case 'mariadb':
      return databasesOn(await startMariaDb({ settings: mariaDbDefaults }));
  }
}

/** Opens a database on a server of its own. */
export async function openBenchDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  const server = await startBenchServer(kind);
  const database = await server.createDatabase();
  return { ...database, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The bridge makes the database anew in its own folder. */
const noServer: BenchServer = {
  createDatabase: () =>
    Promise.resolve({
      url: 'embedded:./data',
      serverPid: undefined,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function databasesOn(server: SqlServerHandle): BenchServer {
  return {
    createDatabase: async () => {
      const database = await server.createDatabase();
      const { url } = database;
      return { url, serverPid: server.pid, [Symbol.asyncDispose]: () => database.drop() };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Starts the bridge and an agent with one account, `bench`, on the context `context`. */
export async function startInstallation(options: {
  readonly database: BenchDatabase;
  readonly clusters: BenchClusters;
  readonly context: string;
  readonly kinds: readonly string[];
}): Promise<BenchInstallation> {
  const bridge = await startBridgeProgram({ sqlUrl: options.database.url });
  const { context, kinds } = options;
  const account = { name: 'bench', kubeconfigFile: options.clusters.kubeconfig, context, kinds };
  const agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [account] });
  const dispose = async () => {
    await agent.program.stop();
    await bridge.program.stop();
  };
  return { bridge, agent, [Symbol.asyncDispose]: dispose };
}
