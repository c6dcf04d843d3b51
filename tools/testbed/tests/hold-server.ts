/**
 * A test process that is about to be killed: starts the server named by its argument, writes down
 * what must be gone afterwards, and waits. Run by `abandoned-servers.integration.spec.ts`.
 */
import { startKube, startMariaDb, startPostgres } from '../src/index.ts';

/** What the waiting process has started. */
export interface HeldServer {
  /** The server's process ids. */
  readonly pids: readonly number[];
}

const starters = {
  postgres: async () => [(await startPostgres()).pid],
  mariadb: async () => [(await startMariaDb()).pid],
  kube: async () => {
    const kube = await startKube();
    return [kube.pid, kube.etcd.pid];
  },
};

const name = process.argv[2] as keyof typeof starters;
const pids = await starters[name]();
process.stdout.write(`${JSON.stringify({ pids })}\n`);
setInterval(() => undefined, 60_000);
