/** The part of `bridge.yaml` that says who gets in: `auth`. */
import { secretFile, secretText } from '@fairlead/secret-engines';
import { z } from 'zod';

const text = z.string().min(1);
const globs = z.array(text).default([]);
const accountGlobs = z.array(text).min(1);

/** Where the keys come from that JSON Web Tokens are signed with; one of them. */
const keysKeys = {
  /** JSON Web Key Set over HTTPS; plain HTTP from loopback only. */
  jwksUrl: text.optional(),
  /** PEM of the authorities for `jwksUrl`. Those that Node.js knows by default. */
  jwksCaFile: text.optional(),
  /** JSON Web Key Set in a file, which may change. */
  jwksFile: text.optional(),
};

const jwtSchema = z.object({
  /** `iss`, exactly. */
  issuer: text,
  /** One of `aud`, exactly. */
  audience: text,
  ...keysKeys,
  /** Pattern for `sub`. Any by default. */
  subject: text.optional(),
  /** Patterns for further claims, all of which must match; of a list one element. */
  claims: z.record(z.string(), text).default({}),
  /** The claim with the names of the groups. */
  groupsClaim: text.default('groups'),
  /** The claim that names somebody in logs. */
  nameClaim: text.default('sub'),
});

const serviceAccountSchema = z.object({
  /** Pattern for `system:serviceaccount:<namespace>:<name>`. */
  subject: z
    .string()
    .regex(/^system:serviceaccount:[^:]+:[^:]+$/, 'must be system:serviceaccount:NAMESPACE:NAME'),
  /**
   * The audience that the token was projected for. Another than the API server's own, so that a
   * token that is shown here opens nothing there.
   */
  audience: text,
  /** Kubeconfig for the cluster that is asked by TokenReview. */
  kubeconfigFile: secretFile.optional(),
  /** Its context. The current one by default. */
  context: text.optional(),
  /** TokenReview by the cluster that the bridge runs in, with its own service account. */
  inCluster: z.boolean().default(false),
  /** The cluster's issuer, needed with its key set. */
  issuer: text.optional(),
  ...keysKeys,
});

const proofKeys = {
  token: secretText.min(1).optional(),
  /** The file is read anew while it is in use; the old token ends within 60 s. */
  tokenFile: secretFile.optional(),
  /** `CN=agent-*,O=team-a`: every attribute named must match, in any order. */
  x509Subject: text.optional(),
  jwt: jwtSchema.optional(),
  serviceAccount: serviceAccountSchema.optional(),
};

const agentRuleSchema = z.object({
  ...proofKeys,
  /** Names that the agent may register. */
  accounts: accountGlobs,
});

const clientRuleSchema = z.object({
  ...proofKeys,
  /** For logs. */
  name: text,
  /** With `jwt`: patterns, one of which must match one of the token's groups. */
  groups: z.array(text).min(1).optional(),
  accounts: accountGlobs.default(['*']),
  access: z.enum(['read', 'write']).default('read'),
  /** Who answers its reads of clusters when a request does not say: the cluster, or the cache. */
  reads: z.enum(['live', 'cache']).default('live'),
  /** Whether the accounts' own READ and WRITE roles count, too, where groups are known. */
  permissions: z.enum(['enforce', 'ignore']).default('enforce'),
  /** Whom its clients may act as, by `Impersonate-User` and `Impersonate-Group`; nobody by default. */
  impersonate: z.object({ users: globs, groups: globs }).prefault({}),
});

/** The schema of `auth`. */
export const accessSchema = z.object({
  /** Allows addresses other than loopback without authentication. */
  insecure: z.boolean().default(false),
  /** Who may register which account names; what proves it is exactly one of the first keys each. */
  agents: z.array(agentRuleSchema).default([]),
  /** Who may use API and gateway; likewise. */
  clients: z.array(clientRuleSchema).default([]),
});

/** The configuration of `auth`. */
export type AccessConfig = z.output<typeof accessSchema>;
/** One rule of `auth.agents`. */
export type AgentRule = AccessConfig['agents'][number];
/** One rule of `auth.clients`. */
export type ClientRule = AccessConfig['clients'][number];
/** What a rule asks of a JSON Web Token. */
export type JwtRule = NonNullable<AgentRule['jwt']>;
/** What a rule asks of a token of a Kubernetes service account. */
export type ServiceAccountRule = NonNullable<AgentRule['serviceAccount']>;
