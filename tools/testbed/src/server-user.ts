/**
 * Whom to run a database server as. PostgreSQL refuses to run as root, and MariaDB should not, so
 * root hands them to an unprivileged user of the machine.
 */
import { readFileSync } from 'node:fs';
import type { UserIds } from './reaper-messages.ts';
import { TestbedError } from './testbed-error.ts';

/** Exists on every Linux and macOS, with nothing to its name. */
const lastResort = 'nobody';

/**
 * The first of the named users that exists, else `nobody`; undefined (run as the caller) when the
 * caller is not root.
 *
 * @throws TestbedError `unavailable` when root finds none of them
 */
export function chooseServerUser(preferred: readonly string[]): UserIds | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readUsers();
  for (const name of [...preferred, lastResort]) {
    const user = users.get(name);
    if (user) return user;
  }
  const hint = 'Add the user "nobody", or run the tests as another user than root.';
  throw new TestbedError('unavailable', 'no unprivileged user to run a server as', { hint });
}

/** See passwd(5): name:password:uid:gid:... */
function readUsers(): ReadonlyMap<string, UserIds> {
  const users = new Map<string, UserIds>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid) users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return users;
}
