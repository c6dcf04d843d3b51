/**
 * The configuration of fairlead-agent: every key, its default and its unit. Names are those of
 * Armory's agent where it has one; `unneeded-keys.ts` lists what is accepted without effect.
 */
import { hostname } from 'node:os';
import {
  byteSizeSchema,
  crossCheck,
  logLevelSchema,
  type ConfigDefinition,
} from '@fairlead/service-kit';
import { checkSecrets, secretFile, secretsSchema, secretText } from '@fairlead/secret-engines';
import { checkFieldPath } from '@fairlead/secret-scrubber';
import { DEFAULT_OBJECT_POLICY } from '@fairlead/watch-engine';
import { z } from 'zod';
import { accountSchema } from './account-config.ts';
import { unneededKeys } from './unneeded-keys.ts';

/** Where it is looked for without `--config`: ours, then what Armory's users already have. */
export const defaultConfigFiles = [
  '/opt/fairlead/config/agent.yaml',
  '/opt/armory/config/armory-agent.yaml',
  '/opt/spinnaker/config/kubesvc.yaml',
] as const;

const defaultPrune = DEFAULT_OBJECT_POLICY.prune.map(({ kinds, paths }) => ({
  kinds: [...kinds],
  paths: [...paths],
}));
const port = z.number().int().min(0).max(65_535);
/** A path; Armory's form with `file:` before it is taken too. */
const filePath = z
  .string()
  .min(1)
  .transform((path) => path.replace(/^file:(\/\/)?/, ''));
/** Of every line of the log; numbers and booleans in YAML are words here. */
const logField = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be a string' })
  .transform(String);
const nanoseconds = (defaultMs: number) =>
  z
    .number()
    .min(0)
    .transform((ns) => ns / 1e6)
    .default(defaultMs);

const linkTls = z.object({
  serverName: z.string().min(1).optional(),
  insecureSkipVerify: z.boolean().default(false),
  clientCertFile: secretFile.optional(),
  clientKeyFile: secretFile.optional(),
  clientKeyFilePassword: secretText.optional(),
  cacertFile: secretFile.optional(),
});

const tokenCommand = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** `raw`: stdout is the token; `json` (also when empty): its attribute `token` is. */
  format: z.enum(['raw', 'json', '']).default('json'),
  /** 0: run for each connection. */
  refreshIntervalSeconds: z.number().min(0).default(0),
});

const linkAuth = crossCheck(
  z.object({
    token: secretText.min(1).optional(),
    tokenFile: secretFile.optional(),
    tokenCommand: tokenCommand.optional(),
  }),
  (auth) => {
    const given = Object.values(auth).filter((value) => value !== undefined).length;
    const message = 'give only one of token, tokenFile and tokenCommand';
    return given > 1 ? [{ path: [], message }] : [];
  },
);

const clouddriver = z
  .object({
    /** Host and port of the bridge. Armory's default, so that its Service name goes on working. */
    grpc: z
      .string()
      .regex(/^\S+:\d+$/, { error: 'must have the form host:port' })
      .default('spin-clouddriver-grpc:9091'),
    insecure: z.boolean().default(false),
    tls: linkTls.prefault({}),
    auth: linkAuth.prefault({}),
    noProxy: z.boolean().default(false),
    /** Of batches on the link: `auto` takes the best that both ends have. */
    compression: z.enum(['auto', 'zstd', 'deflate', 'none']).default('auto'),
    /**
     * Signs of life at least this often. The link's heartbeats, every 20 s, are such signs; HTTP/2
     * pings are sent beside them only where this is less. 0: never.
     */
    keepAliveHeartbeatSeconds: z.number().min(0).default(20),
    /** How long an answer to a ping may take. */
    keepAliveTimeOutSeconds: z.number().min(1).default(10),
    /** Between attempts to connect. Delays in nanoseconds, as Armory's file has them. */
    backoff: z
      .object({
        baseDelay: nanoseconds(1_000),
        multiplier: z.number().min(1).default(1.6),
        jitter: z.number().min(0).max(1).default(0.2),
        // Armory waits up to 120 s; a bridge that restarts should not wait that long for its agents.
        maxDelay: nanoseconds(30_000),
      })
      .prefault({}),
  })
  .prefault({});

const accounts = crossCheck(z.array(accountSchema), (list) => {
  const names = list.map((account) => account?.name);
  return names.flatMap((name, index) => {
    const isTaken = name !== undefined && names.indexOf(name) < index;
    return isTaken ? [{ path: [index, 'name'], message: 'another account has this name' }] : [];
  });
}).default([]);

const serverTls = z.object({
  enabled: z.boolean().default(false),
  certFile: secretFile.optional(),
  keyFile: secretFile.optional(),
  keyPassword: secretText.optional(),
  keyFilePassword: secretText.optional(),
  caCertFile: secretFile.optional(),
  clientAuth: z.string().optional(),
});

/** Paths of some kinds; a wrong one is told where it stands. */
const fieldRule = z.object({
  /** As in `kubernetes.accounts[].kinds`; `*` for all. */
  kinds: z.array(z.string().min(1)).min(1),
  /** kubectl's JSONPath without filters. */
  paths: z
    .array(
      z.string().superRefine((path, context) => {
        const message = checkFieldPath(path);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }),
    )
    .min(1),
});

/** What leaves a cluster; the watch engine's policy, with its defaults. */
const scrubbing = z
  .object({
    /** `metadata`: the values of Secrets are not asked for; `scrub`: they are read and cut. */
    secrets: z.enum(['metadata', 'scrub']).default(DEFAULT_OBJECT_POLICY.secrets),
    /** Values that must not leave, besides those of Secrets. */
    redact: z.array(fieldRule).default([]),
    /** What is left out since nobody needs it; giving it replaces the default. */
    prune: z.array(fieldRule).default(() => structuredClone(defaultPrune)),
  })
  .prefault({});

const baseSchema = z.object({
  /** What Armory calls a zone: the deployment this process is a replica of, and where it stands. */
  agent: z
    .object({
      id: z.string().min(1).default(deploymentName(hostname())),
      zone: z.string().default(''),
    })
    .prefault({}),
  clouddriver,
  kubernetes: z.object({ accounts }).prefault({}),
  tasks: z
    .object({
      /** Concurrent initial lists; fewer where `budget` has no 2 MiB for each. 0 is unlimited. */
      totalBudget: z.number().int().min(0).default(1000),
      /** The same per account; fewer where `budget` has no 256 KiB for each list of each account. */
      budgetPerAccount: z.number().int().min(0).default(50),
    })
    .prefault({}),
  budget: z
    .object({
      inFlightBytes: byteSizeSchema(64 * 1024).default(64 * 1024 * 1024),
      inFlightBytesPerAccount: byteSizeSchema(64 * 1024).default(8 * 1024 * 1024),
    })
    .prefault({}),
  scrubbing,
  server: z
    .object({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(8082),
      ssl: serverTls.prefault({}),
    })
    .prefault({}),
  prometheus: z
    .object({
      enabled: z.boolean().default(true),
      /** All addresses: what scrapes it is not on this machine. It shows counts, no names. */
      host: z.string().min(1).default('0.0.0.0'),
      port: port.default(8008),
    })
    .prefault({}),
  logging: z
    .object({
      level: logLevelSchema.default('info'),
      format: z.enum(['json', 'text', 'pretty']).optional(),
      file: filePath.optional(),
      multiWrite: z.boolean().default(false),
      fields: z.record(z.string(), logField).default({}),
    })
    .prefault({}),
  /** Where references lead to. */
  secrets: secretsSchema.prefault({}),
});

/** The whole configuration. */
export const agentConfigSchema = crossCheck(baseSchema, (config) =>
  checkSecrets(config, config.secrets),
);

/** The configuration, validated, with defaults. */
export type AgentConfig = z.output<typeof agentConfigSchema>;

/** What service-kit needs to load it. */
export const agentConfigDefinition: ConfigDefinition<typeof agentConfigSchema> = {
  schema: agentConfigSchema,
  unneeded: unneededKeys,
  defaultFiles: defaultConfigFiles,
};

/**
 * The Deployment behind a pod's name (`spin-armory-agent-5d9c7b8f6d-x2x4z`), or the name itself:
 * replicas and restarts must have the same id.
 */
export function deploymentName(podName: string): string {
  // ReplicaSet hash and pod suffix use this alphabet: k8s.io/apimachinery/pkg/util/rand.
  return podName.replace(
    /-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    '',
  );
}
