/**
 * A PostgreSQL that was killed leaves a small shared memory segment behind, which its next start
 * would take over. When there is no next start it stays until the machine is switched off, and the
 * machine has room for 4096 of them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** The line of postmaster.pid (counted from 0) with the segment's key and id; see pidfile.h. */
const segmentLine = 6;

/** Removes the segment of a server that is gone; does nothing after an orderly end. */
export async function releaseSharedMemory(dataDirectory: string): Promise<void> {
  const segmentId = await readSegmentId(join(dataDirectory, 'postmaster.pid'));
  if (segmentId === undefined) return;
  // Without ipcrm, or when it is gone already, the worst is the segment that stays.
  await runCommand('ipcrm', ['-m', segmentId]).catch(() => undefined);
}

async function readSegmentId(pidFile: string): Promise<string | undefined> {
  try {
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    return lines[segmentLine]?.trim().split(/\s+/)[1];
  } catch {
    // An orderly end removes the file.
    return undefined;
  }
}
