/** Which database a URL means, in words for probes and logs: never with its user or password. */

const servers: Readonly<Record<string, { readonly dialect: string; readonly port: string }>> = {
  postgres: { dialect: 'postgres', port: '5432' },
  postgresql: { dialect: 'postgres', port: '5432' },
  mysql: { dialect: 'mysql', port: '3306' },
  mariadb: { dialect: 'mysql', port: '3306' },
};

/** `postgres at db.example:5432`, `embedded in ./fairlead-data`; without an address if it is unclear. */
export function databasePlace(url: string): string {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(0, colon));
  if (scheme === 'embedded') return `embedded in ${url.slice(colon + 1)}`;
  const server = servers[scheme];
  if (server === undefined) return 'a database of no known kind';
  const address = URL.canParse(url) ? addressOf(new URL(url), server.port) : '';
  return address === '' ? server.dialect : `${server.dialect} at ${address}`;
}

/** PostgreSQL's driver takes host (also the directory of a socket) and port as parameters too. */
function addressOf({ hostname, port, searchParams }: URL, usualPort: string): string {
  const host = searchParams.get('host') ?? hostname;
  const givenPort = searchParams.get('port') ?? port;
  const shownPort = givenPort === '' && !host.startsWith('/') ? usualPort : givenPort;
  return host === '' || shownPort === '' ? host : `${host}:${shownPort}`;
}
