/** Which TCP and UDP sockets a process has, as Linux shows them under /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** One socket. */
export interface ProcessSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly isListening: boolean;
  /** `address:port` of this end. */
  readonly local: string;
  /** `address:port` of the other end. */
  readonly remote: string;
}

/** `TCP_LISTEN` of Linux: include/net/tcp_states.h. */
const listening = '0A';

/** The sockets of a running process. */
export async function socketsOf(pid: number): Promise<readonly ProcessSocket[]> {
  const folder = `/proc/${String(pid)}`;
  const own = await inodesOf(folder);
  const tables = await Promise.all(
    ['tcp', 'tcp6', 'udp', 'udp6'].map(async (table) => ({
      protocol: table.startsWith('tcp') ? ('tcp' as const) : ('udp' as const),
      text: await readFile(`${folder}/net/${table}`, 'utf8'),
    })),
  );
  return tables.flatMap(({ protocol, text }) =>
    text
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
        if (!own.has(inode)) return [];
        const isListening = protocol === 'tcp' && state === listening;
        return [{ protocol, isListening, local: endOf(local), remote: endOf(remote) }];
      }),
  );
}

async function inodesOf(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(`${folder}/fd`);
  // One may be closed meanwhile.
  const links = await Promise.all(
    names.map((name) => readlink(`${folder}/fd/${name}`).catch(() => '')),
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** `0100007F:1F90`: address in the machine's own order, port in hexadecimal. */
function endOf(text: string): string {
  const [address = '', port = ''] = text.split(':');
  // The last four bytes: all there is of IPv4, and of an IPv4 address in IPv6.
  const bytes = address.slice(-8).match(/../g) ?? [];
  const dotted = bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
  return `${dotted}:${String(Number.parseInt(port, 16))}`;
}
