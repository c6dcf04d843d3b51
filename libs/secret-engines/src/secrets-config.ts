/**
 * The section `secrets:` of both programs' configuration, and schemas of options that take references.
 * Names under `vault` are those of Armory's `secrets.vault`, so that an existing file works unchanged.
 */
import type { CrossProblem } from '@fairlead/service-kit';
import { z } from 'zod';
import type { EngineName } from './engine-parameters.ts';
import { parseSecretReference, problemOfReference } from './secret-reference.ts';

const text = z.string().min(1);
/** A path; Armory's form with `file:` before it is taken too. */
const path = text.transform((given) => given.replace(/^file:(\/\/)?/, ''));

const vaultSchema = z.object({
  /** References to `vault` are refused while this is false. */
  enabled: z.boolean().default(false),
  /** Such as `https://vault.example:8200`. */
  url: z
    .string()
    .regex(/^https?:\/\/[^\s@?#]+$/, 'must be an http or https URL')
    .optional(),
  /** How Vault learns who asks. */
  authMethod: z.enum(['TOKEN', 'KUBERNETES', 'APPROLE', 'USERPASS']).optional(),
  /** With KUBERNETES: the role. */
  role: text.optional(),
  /** Mount of the auth method. `kubernetes` and `approle` by default. */
  path: text.optional(),
  /** With KUBERNETES: the token of the pod's service account, read for each login. */
  serviceAccountTokenFile: path.default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
  /** With TOKEN; the environment variable VAULT_TOKEN by default. */
  token: text.optional(),
  /** With TOKEN: read again whenever it is needed, as Vault's agent writes it. */
  tokenFile: path.optional(),
  /** With APPROLE. */
  roleId: text.optional(),
  /** With APPROLE: read for each login. */
  secretIdFile: path.optional(),
  /** With USERPASS. */
  username: text.optional(),
  /** With USERPASS. */
  password: text.optional(),
  /** With USERPASS: mount of the auth method, `userpass` by default. */
  userAuthPath: text.optional(),
  /** Of logins, and of references that name none. */
  namespace: text.optional(),
  /** PEM of the authorities that sign Vault's certificate. Those that Node.js knows by default. */
  cacert: path.optional(),
});

const k8sSchema = z.object({
  /** Whose cluster. The one that the program runs in, as its service account, by default. */
  kubeconfigFile: path.optional(),
  /** Its context. The current one by default. */
  context: text.optional(),
  /** Of references that name none. The pod's own by default. */
  namespace: text.optional(),
});

const s3Schema = z.object({
  /** Of a service that speaks S3; AWS by default. */
  endpointUrl: text.optional(),
  /** The bucket in the path instead of the host, as many such services want it. */
  pathStyleAccessEnabled: z.boolean().default(false),
});

const endpointSchema = z.object({
  /** Where the API is; the cloud's own place by default. */
  endpointUrl: text.optional(),
});

const gcsSchema = endpointSchema.extend({
  /** `none`: buckets that anybody may read, and servers for tests. */
  credentials: z.enum(['default', 'none']).default('default'),
});

/** Schema of `secrets:`. */
export const secretsSchema = z.object({
  /** How often what is used is read again, in seconds, with a tenth of jitter. */
  refreshIntervalSeconds: z.number().min(1).max(86_400).default(60),
  /** Where Vault is and how it learns who asks. */
  vault: vaultSchema.prefault({}),
  /** Secrets of a cluster. */
  k8s: k8sSchema.prefault({}),
  /** Objects in buckets of S3; credentials as AWS's SDK finds them. */
  s3: s3Schema.prefault({}),
  /** Objects in buckets of Google Cloud Storage. */
  gcs: gcsSchema.prefault({}),
  /** AWS Secrets Manager; credentials as AWS's SDK finds them. */
  secretsManager: endpointSchema.prefault({}),
});

/** The section, validated, with defaults. */
export type SecretsConfig = z.output<typeof secretsSchema>;

/** Its part about Vault. */
export type VaultConfig = SecretsConfig['vault'];

/** An option whose text may be a reference to a value. */
export const secretText = z.string().superRefine(saysWhatIsWrong('value'));

/** An option that names a file, or a reference to the content of one. `file:` is cut off. */
export const secretFile = path.superRefine(saysWhatIsWrong('file'));

/**
 * What is wrong between references anywhere in a configuration and its `secrets:`, with the place of
 * each; to be used in a rule over the whole configuration.
 */
export function checkSecrets(config: object, secrets: unknown): CrossProblem[] {
  const places = placesOf('vault', config);
  const vault = vaultIn(secrets);
  // A section that nothing refers to may be as unfinished as it likes.
  if (places.length === 0) return [];
  if (vault?.enabled === true) return checkVault(vault);
  const message = 'engine vault is not configured: secrets.vault.enabled is not true';
  return places.map((path) => ({ path, message }));
}

/** Every reference in a configuration, wherever it stands; wrong ones left out. */
export function referencesIn(value: unknown): string[] {
  if (typeof value === 'string') return engineOf(value) === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner) => referencesIn(inner));
}

type Path = readonly (string | number)[];
type Unchecked = Readonly<Partial<Record<keyof VaultConfig, unknown>>>;

function saysWhatIsWrong(form: 'value' | 'file') {
  return (value: string, context: z.RefinementCtx): void => {
    const message = problemOfReference(value, form);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };
}

/** What a method needs; one of each list. */
const neededBy: Readonly<Record<string, readonly (readonly (keyof VaultConfig)[])[]>> = {
  TOKEN: [],
  KUBERNETES: [['role']],
  APPROLE: [['roleId'], ['secretIdFile']],
  USERPASS: [['username'], ['password']],
};

function checkVault(vault: Unchecked): CrossProblem[] {
  const at = (key: string) => ['secrets', 'vault', key];
  const problems: CrossProblem[] = [];
  if (vault.url === undefined) problems.push({ path: at('url'), message: 'is needed' });
  if (vault.authMethod === undefined) {
    problems.push({ path: at('authMethod'), message: 'is needed' });
  }
  const method = String(vault.authMethod);
  for (const alternatives of neededBy[method] ?? []) {
    if (alternatives.some((key) => vault[key] !== undefined)) continue;
    problems.push({
      path: at(alternatives[0] ?? ''),
      message: `is needed with authMethod ${method}`,
    });
  }
  if (vault.token !== undefined && vault.tokenFile !== undefined) {
    problems.push({ path: at('token'), message: 'give only one of token and tokenFile' });
  }
  return problems;
}

function vaultIn(secrets: unknown): Unchecked | undefined {
  if (typeof secrets !== 'object' || secrets === null) return undefined;
  const { vault } = secrets as { vault?: unknown };
  return typeof vault === 'object' && vault !== null ? vault : undefined;
}

/** Where references to an engine stand. Wrong references are told by their options. */
function placesOf(engine: EngineName, value: unknown, at: Path = []): Path[] {
  if (typeof value === 'string') return engineOf(value) === engine ? [at] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => placesOf(engine, inner, [...at, key]));
}

function engineOf(value: string): EngineName | undefined {
  try {
    return parseSecretReference(value)?.engine;
  } catch {
    return undefined; // Not in an option that takes references, or told by it.
  }
}
