/**
 * What Clouddriver is told in `clouddriver.yml`: one database for everything, no Redis, nobody to
 * ask for permissions, the Kubernetes provider with accounts from the database. Pure.
 */

/** What the configuration depends on. */
export interface ClouddriverConfigOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The database as other programs name it: `postgres://...` or `mysql://...`. */
  readonly databaseUrl: string;
}

/** Nobody listens there: Fiat and Front50 must have an address, and are not asked. */
const nobody = 'http://127.0.0.1:9';
/** As quickly as a test wants to see an account; 60 s in production. */
const accountReloadMs = 500;
const maxConnections = 10;

/** The configuration, to be printed as YAML. */
export function clouddriverConfig(options: ClouddriverConfigOptions): object {
  const database = connectionOf(new URL(options.databaseUrl));
  const pool = { default: true, maxPoolSize: maxConnections, ...database };
  return {
    server: { port: options.port, address: '127.0.0.1' },
    services: { fiat: { enabled: false, baseUrl: nobody }, front50: { baseUrl: nobody } },
    redis: {
      ...disabled,
      ...{ cache: disabled, scheduler: disabled, taskRepository: disabled },
    },
    sql: {
      enabled: true,
      taskRepository: { enabled: true },
      cache: { enabled: true },
      scheduler: { enabled: true },
      connectionPools: { default: pool },
      migration: { jdbcUrl: database.jdbcUrl, user: database.user, password: database.password },
    },
    kubernetes: { enabled: true, verifyAccountHealth: false, loadNamespacesInAccount: false },
    account: { storage: { enabled: true, kubernetes: { enabled: true } } },
    credentials: {
      poller: { enabled: true, types: { kubernetes: { reloadFrequencyMs: accountReloadMs } } },
    },
    management: { health: { elasticsearch: disabled } },
  };
}

const disabled = { enabled: false };

interface Connection {
  readonly dialect: 'POSTGRES' | 'MYSQL';
  readonly jdbcUrl: string;
  readonly user: string;
  readonly password: string;
}

/** MariaDB is MySQL to Clouddriver, which brings no driver of its own for it. */
function connectionOf({ protocol, host, pathname, username, password }: URL): Connection {
  const isPostgres = protocol.startsWith('postgres');
  return {
    dialect: isPostgres ? 'POSTGRES' : 'MYSQL',
    jdbcUrl: `jdbc:${isPostgres ? 'postgresql' : 'mysql'}://${host}${pathname}`,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
