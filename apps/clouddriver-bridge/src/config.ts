/** The bridge's configuration: what `bridge.yaml` may say, and what holds when it says nothing. */
import { isIP } from 'node:net';
import {
  byteSizeSchema,
  crossCheck,
  logLevelSchema,
  type CrossProblem,
  type Unchecked,
} from '@fairlead/service-kit';
import { checkSecrets, secretFile, secretsSchema, secretText } from '@fairlead/secret-engines';
import { z } from 'zod';
import { accessSchema } from './access/access-config.ts';
import { checkAccessRules } from './access/check-access-rules.ts';

/** Files as paths; a relative one starts at the working directory. */
const tlsFiles = {
  /** PEM, the leaf first. */
  certFile: secretFile,
  /** PEM, PKCS#8. */
  keyFile: secretFile,
};

const port = z.int().min(0).max(65_535);

const tlsSchema = z.object({
  ...tlsFiles,
  /** PEM of the authorities that sign the certificates of those who connect. */
  clientCaFile: secretFile.optional(),
  /** `optional`: whoever shows none must prove in another way who they are. */
  clientAuth: z.enum(['none', 'optional', 'require']).default('none'),
});

/** Plain text on an address other than loopback: where a proxy in front of the bridge has the TLS. */
const insecure = z.boolean().default(false);

const grpcSchema = z.object({
  /** Where agents connect to. */
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(9091),
  /** `host:port` by which other bridges reach this one; as it is bound, unless said otherwise. */
  advertisedAddress: z
    .string()
    .regex(/^(\[[\da-f:]+\]|[^\s:/]+):\d{1,5}$/i, 'must be host:port')
    .optional(),
  tls: tlsSchema.optional(),
  insecure,
});

const httpSchema = z.object({
  /** API, gateway, probes and metrics. */
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(9080),
  tls: tlsSchema.optional(),
  insecure,
});

const sqlSchema = z.object({
  url: secretText.min(1).default('embedded:./fairlead-data'),
  /** In place of the URL's. */
  user: secretText.min(1).optional(),
  /** In place of the URL's. */
  password: secretText.min(1).optional(),
  /** Who owns Clouddriver's tables. */
  schema: z.enum(['clouddriver', 'standalone']).default('clouddriver'),
  /** Clouddriver's `sql.table-namespace`. */
  tableNamespace: z.string().regex(/^\w*$/, 'may hold letters, digits and _ only').default(''),
  pool: z.object({ max: z.int().min(2).max(1000).default(10) }).prefault({}),
});

const clouddriverSchema = z.object({
  /** Rows of Clouddriver's `accounts` table. */
  accounts: z
    .object({
      enabled: z.boolean().default(false),
      /** Where Clouddriver's kubectl finds the clusters: this address and `/clusters/{account}`. */
      gatewayUrl: z
        .string()
        .regex(/^https?:\/\/[^\s@?#]+$/, 'must be an http or https URL')
        .optional(),
      /** PEM of the gateway's authorities; a path on Clouddriver's machine. */
      gatewayCaFile: z.string().min(1).optional(),
      /** What kubectl shows the gateway; a path on Clouddriver's machine. */
      gatewayTokenFile: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Holds the locks of Clouddriver's own caching agents for accounts that are fed. */
  lockAgents: z.boolean().default(true),
});

/** setTimeout takes 2^31 - 1 ms, a little under 25 days. */
const maxGraceSeconds = 20 * 24 * 3600;
const mebibyte = 1024 * 1024;

const baseSchema = z.object({
  grpc: grpcSchema.prefault({}),
  http: httpSchema.prefault({}),
  sql: sqlSchema.prefault({}),
  auth: accessSchema.prefault({}),
  clouddriver: clouddriverSchema.prefault({}),
  registry: z
    .object({ gracePeriodSeconds: z.int().min(1).max(maxGraceSeconds).default(600) })
    .prefault({}),
  /** How often each feed's rows are compared with its cluster; 0 = never. */
  antiEntropy: z
    .object({ intervalSeconds: z.int().min(0).max(maxGraceSeconds).default(3600) })
    .prefault({}),
  /** What agents may have sent and the database has not yet taken, before compression. */
  budget: z
    .object({
      inFlightBytes: byteSizeSchema(mebibyte).default(256 * mebibyte),
      inFlightBytesPerAccount: byteSizeSchema(64 * 1024).default(8 * mebibyte),
    })
    .prefault({}),
  /** How much one agent may have; whoever wants more loses that link. */
  limits: z
    .object({
      linksPerAddress: z.int().min(1).default(10_000),
      linksPerIdentity: z.int().min(1).default(5000),
      accountsPerLink: z.int().min(1).default(5000),
      feedsPerLink: z.int().min(1).default(100_000),
    })
    .prefault({}),
  logging: z
    .object({
      level: logLevelSchema.default('info'),
      format: z.enum(['json', 'text', 'pretty']).optional(),
      file: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Where references lead to. */
  secrets: secretsSchema.prefault({}),
});

/** A valid configuration with all defaults filled in. */
export type BridgeConfig = z.output<typeof baseSchema>;

/** The schema with the rules that span several keys. */
export const bridgeConfigSchema = crossCheck(baseSchema, (config) => [
  ...checkOpenDoors(config),
  ...checkPlainText(config),
  ...checkAccessRules(config),
  ...checkClientCertificates(config),
  ...checkClouddriver(config),
  ...checkDatabaseUser(config),
  ...checkSecrets(config, config.secrets),
]);

/** What the bridge states about its configuration. */
export const bridgeConfigDefinition = {
  schema: bridgeConfigSchema,
  defaultFiles: ['/opt/fairlead/config/bridge.yaml'],
};

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

type UncheckedConfig = Unchecked<BridgeConfig>;

function checkOpenDoors({ grpc, http, auth }: UncheckedConfig): CrossProblem[] {
  const open = 'without it only loopback addresses are served, unless auth.insecure is true';
  const doors = [
    { key: 'agents', rules: auth?.agents, host: grpc?.host },
    { key: 'clients', rules: auth?.clients, host: http?.host },
  ];
  if (auth?.insecure !== false) return [];
  return doors.flatMap(({ key, rules, host }) => {
    const isGuarded = !Array.isArray(rules) || rules.length > 0;
    if (isGuarded || typeof host !== 'string' || isLoopback(host)) return [];
    return [{ path: ['auth', key], message: `must not be empty: ${open}` }];
  });
}

function checkPlainText({ grpc, http, auth }: UncheckedConfig): CrossProblem[] {
  if (auth?.insecure !== false) return [];
  return Object.entries({ grpc, http }).flatMap(([door, keys]) => {
    const isPlain = keys?.tls === undefined && keys?.insecure === false;
    if (!isPlain || typeof keys.host !== 'string' || isLoopback(keys.host)) return [];
    const open = `without it only loopback addresses are served, unless ${door}.insecure is true`;
    return [{ path: [door, 'host'], message: `needs ${door}.tls: ${open}` }];
  });
}

function checkClientCertificates({ grpc, http }: UncheckedConfig): CrossProblem[] {
  return Object.entries({ grpc, http }).flatMap(([door, keys]) => {
    const { clientAuth, clientCaFile } = keys?.tls ?? {};
    const isChecked = clientAuth === 'optional' || clientAuth === 'require';
    if (!isChecked || clientCaFile !== undefined) return [];
    const message = 'is needed to check client certificates';
    return [{ path: [door, 'tls', 'clientCaFile'], message }];
  });
}

function checkClouddriver({ clouddriver, sql }: UncheckedConfig): CrossProblem[] {
  const { enabled, gatewayUrl } = clouddriver?.accounts ?? {};
  if (enabled !== true) return [];
  const problems: CrossProblem[] = [];
  const path = ['clouddriver', 'accounts', 'enabled'];
  if (gatewayUrl === undefined) problems.push({ path, message: 'needs gatewayUrl' });
  if (!isBesideClouddriver({ url: sql?.url, schema: sql?.schema })) {
    problems.push({
      path,
      message: "needs Clouddriver's database: sql.url, sql.schema clouddriver",
    });
  }
  return problems;
}

function checkDatabaseUser({ sql }: UncheckedConfig): CrossProblem[] {
  const isEmbedded = typeof sql?.url === 'string' && sql.url.startsWith('embedded:');
  const given = ['user', 'password'].filter((key) => sql?.[key as 'user'] !== undefined);
  const message = 'an embedded database has none';
  return isEmbedded ? given.map((key) => ({ path: ['sql', key], message })) : [];
}

/** Whether the database is Clouddriver's, whose tables of its own are there too. */
export function isBesideClouddriver(sql: {
  readonly url: unknown;
  readonly schema: unknown;
}): boolean {
  const isEmbedded = typeof sql.url !== 'string' || sql.url.startsWith('embedded:');
  return !isEmbedded && sql.schema === 'clouddriver';
}

/** What to warn of when tokens travel in plain text to more than this machine. */
export function plainDoors({ grpc, http }: BridgeConfig): string | undefined {
  const doors = Object.entries({ grpc, http }).filter(
    ([, { tls, host }]) => tls === undefined && !isLoopback(host),
  );
  if (doors.length === 0) return undefined;
  const named = doors.map(([door, { host, port: at }]) => `${door} (${host}:${at})`);
  return `NO ENCRYPTION on ${named.join(' and ')}: whoever is on the way reads tokens and all else`;
}

/** What to warn of when somebody may come in without authentication; `undefined` if nobody may. */
export function openDoors({ grpc, http, auth }: BridgeConfig): string | undefined {
  const doors = [
    ...(auth.agents.length === 0 ? [`agents on ${grpc.host}:${grpc.port}`] : []),
    ...(auth.clients.length === 0 ? [`the API on ${http.host}:${http.port}`] : []),
  ];
  if (doors.length === 0) return undefined;
  return `NO AUTHENTICATION for ${doors.join(' and ')}: whoever reaches it may use it`;
}
