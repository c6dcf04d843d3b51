/** A crash of PostgreSQL that loses what nobody waited for: commits that were not flushed. */
import { Client } from 'pg';
import { postgresAdministration } from './postgres-administration.ts';

/** A server that takes nothing to the disk by itself. */
export interface HeldWal {
  /** Crashes and recovers the server; resolves when every session has ended. */
  crash(): Promise<void>;
}

/**
 * Stops the server's WAL writer: from now on only commits that wait for the disk reach it, with
 * everything before them. Must end with a crash.
 */
export async function holdWal(url: string): Promise<HeldWal> {
  const statement = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`;
  const [row] = await postgresAdministration.query(url, statement);
  const pid = Number(row?.pid);
  process.kill(pid, 'SIGSTOP');
  return { crash: () => crash(url, pid) };
}

/** The end of one of its processes is a crash to the whole server. */
async function crash(url: string, pid: number): Promise<void> {
  const witness = new Client({ connectionString: url });
  witness.on('error', () => undefined);
  await witness.connect();
  const ended = new Promise<void>((resolve) => void witness.once('end', () => resolve()));
  process.kill(pid, 'SIGKILL');
  await ended;
}
