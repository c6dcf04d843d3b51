/** A SQL server of one's own, put together from its process and its administration. */
import type { Reaper } from './reaper-client.ts';
import { ServerProcess, type ServerProcessOptions } from './server-process.ts';
import { keepDatabases, type SqlAdministration, type SqlServerHandle } from './sql-server.ts';

/** What a handle is made of. */
export interface SqlHandleOptions extends Omit<ServerProcessOptions, 'isReady' | 'name'> {
  readonly reaper: Reaper;
  readonly administration: SqlAdministration;
  readonly port: number;
  /** Of the server's own database, with the administrator's user and password. */
  readonly url: string;
  /** What must happen before the data goes, when the server is not running any more. */
  readonly cleanUpAfterCrash?: () => Promise<void>;
}

/** Starts the process and resolves when it takes statements. */
export async function startSqlHandle(options: SqlHandleOptions): Promise<SqlServerHandle> {
  const { administration, port, url, reaper } = options;
  const server = new ServerProcess({
    ...options,
    name: administration.dialect,
    isReady: async () => {
      await administration.ping(url);
      return true;
    },
  });
  await server.start();
  const stop = async () => {
    if (server.pid === undefined) await options.cleanUpAfterCrash?.();
    await reaper.end();
  };
  return {
    dialect: administration.dialect,
    url,
    port,
    isShared: false,
    createDatabase: keepDatabases(administration, url).create,
    get pid() {
      return server.pid;
    },
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    readLog: () => server.readLog(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
