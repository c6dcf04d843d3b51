/** The bridge's configuration: what `bridge.yaml` may say, and what holds when it says nothing. */
import { isIP } from 'node:net';
import { byteSizeSchema, logLevelSchema } from '@fairlead/service-kit';
import { z } from 'zod';

/** Files as paths; a relative one starts at the working directory. */
const tlsFiles = {
  /** PEM, the leaf first. */
  certFile: z.string().min(1),
  /** PEM, PKCS#8. */
  keyFile: z.string().min(1),
};

const port = z.int().min(0).max(65_535);
const accountGlobs = z.array(z.string().min(1)).min(1);
const token = z.string().min(1);

const grpcSchema = z.object({
  /** Where agents connect to. */
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(9091),
  tls: z
    .object({
      ...tlsFiles,
      /** PEM of the authorities that sign agents' certificates. */
      clientCaFile: z.string().min(1).optional(),
      clientAuth: z.enum(['none', 'optional', 'require']).default('none'),
    })
    .optional(),
});

const httpSchema = z.object({
  /** API, probes and metrics. */
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(9080),
  tls: z.object(tlsFiles).optional(),
});

const sqlSchema = z.object({
  url: z.string().min(1).default('embedded:./fairlead-data'),
  /** Who owns Clouddriver's tables. */
  schema: z.enum(['clouddriver', 'standalone']).default('clouddriver'),
  /** Clouddriver's `sql.table-namespace`. */
  tableNamespace: z.string().regex(/^\w*$/, 'may hold letters, digits and _ only').default(''),
  pool: z.object({ max: z.int().min(2).max(1000).default(10) }).prefault({}),
});

const authSchema = z.object({
  /** Allows addresses other than loopback without authentication. */
  insecure: z.boolean().default(false),
  /** Who may register which account names. Exactly one of token, tokenFile, x509Subject each. */
  agents: z
    .array(
      z.object({
        token: token.optional(),
        tokenFile: z.string().min(1).optional(),
        /** `CN=agent-*,O=team-a`: every attribute named must match, in any order. */
        x509Subject: z.string().min(1).optional(),
        accounts: accountGlobs,
      }),
    )
    .default([]),
  /** Who may use the API. Exactly one of token, tokenFile each. */
  clients: z
    .array(
      z.object({
        token: token.optional(),
        tokenFile: z.string().min(1).optional(),
        name: z.string().min(1),
        accounts: accountGlobs.default(['*']),
        access: z.enum(['read', 'write']).default('read'),
      }),
    )
    .default([]),
});

/** setTimeout takes 2^31 - 1 ms, a little under 25 days. */
const maxGraceSeconds = 20 * 24 * 3600;
const mebibyte = 1024 * 1024;

const baseSchema = z.object({
  grpc: grpcSchema.prefault({}),
  http: httpSchema.prefault({}),
  sql: sqlSchema.prefault({}),
  auth: authSchema.prefault({}),
  registry: z
    .object({ gracePeriodSeconds: z.int().min(1).max(maxGraceSeconds).default(600) })
    .prefault({}),
  /** What agents may have sent and the database has not yet taken, before compression. */
  budget: z
    .object({
      inFlightBytes: byteSizeSchema(mebibyte).default(256 * mebibyte),
      inFlightBytesPerAccount: byteSizeSchema(64 * 1024).default(8 * mebibyte),
    })
    .prefault({}),
  logging: z
    .object({
      level: logLevelSchema.default('info'),
      format: z.enum(['json', 'text', 'pretty']).optional(),
      file: z.string().min(1).optional(),
    })
    .prefault({}),
});

/** A valid configuration with all defaults filled in. */
export type BridgeConfig = z.output<typeof baseSchema>;
/** One rule of `auth.agents`. */
export type AgentRule = BridgeConfig['auth']['agents'][number];
/** One rule of `auth.clients`. */
export type ClientRule = BridgeConfig['auth']['clients'][number];

/** The schema with the rules that span several keys. */
export const bridgeConfigSchema = baseSchema.superRefine((config, context) => {
  for (const { path, message } of crossChecks(config)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});

const noEffect = 'this version does not do that yet, so it has no effect';

/** What the bridge states about its configuration. */
export const bridgeConfigDefinition = {
  schema: bridgeConfigSchema,
  defaultFiles: ['/opt/fairlead/config/bridge.yaml'],
  unneeded: {
    'clouddriver.accounts': noEffect,
    'clouddriver.lockAgents': noEffect,
    clouddriver: noEffect,
  },
};

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

interface CrossProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function crossChecks({ grpc, http, auth }: BridgeConfig): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const open = 'without it only loopback addresses are served, unless auth.insecure is true';
  if (!auth.insecure && auth.agents.length === 0 && !isLoopback(grpc.host)) {
    problems.push({ path: ['auth', 'agents'], message: `must not be empty: ${open}` });
  }
  if (!auth.insecure && auth.clients.length === 0 && !isLoopback(http.host)) {
    problems.push({ path: ['auth', 'clients'], message: `must not be empty: ${open}` });
  }
  for (const [at, { token, tokenFile, x509Subject }] of auth.agents.entries()) {
    const path = ['auth', 'agents', at];
    const given = [token, tokenFile, x509Subject].filter((each) => each !== undefined).length;
    if (given !== 1) {
      problems.push({ path, message: 'needs exactly one of token, tokenFile, x509Subject' });
    }
    if (x509Subject !== undefined && (grpc.tls?.clientAuth ?? 'none') === 'none') {
      const message = 'needs grpc.tls with clientAuth optional or require';
      problems.push({ path: [...path, 'x509Subject'], message });
    }
  }
  for (const [at, { token, tokenFile }] of auth.clients.entries()) {
    if ((token === undefined) === (tokenFile === undefined)) {
      const message = 'needs exactly one of token, tokenFile';
      problems.push({ path: ['auth', 'clients', at], message });
    }
  }
  if (grpc.tls !== undefined && grpc.tls.clientAuth !== 'none' && !grpc.tls.clientCaFile) {
    const message = 'is needed to check client certificates';
    problems.push({ path: ['grpc', 'tls', 'clientCaFile'], message });
  }
  return problems;
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
