/**
 * One entry of `kubernetes.accounts`: its schema, and what of it the bridge is told.
 * Key names are those of Armory's agent, so that its files work unchanged.
 */
import { secretFile } from '@fairlead/secret-engines';
import { crossCheck, type CrossProblem, type Unchecked } from '@fairlead/service-kit';
import { z } from 'zod';
import { operationsSchema } from './operations-config.ts';

const names = z.array(z.string().min(1)).default([]);

/** A role as Fiat knows it; a number in YAML is a name too. */
const role = z
  .union([z.string(), z.number()], { error: 'must be a role name' })
  .transform(String)
  // Spinnaker drops the permissions of an account with such a role: it would be open to everyone.
  .refine((name) => /^\S+$/.test(name), {
    error: 'a role must not be empty or contain whitespace',
  });

const roles = z.preprocess(
  (value): unknown => (Array.isArray(value) ? value : [value]),
  z.array(role),
);

/** https://spinnaker.io/docs/setup/other_config/security/authorization/ and Fiat's `Authorization`. */
const permissionMap = z.partialRecord(z.enum(['READ', 'WRITE', 'EXECUTE', 'CREATE']), roles);

type PermissionMap = Partial<Record<'READ' | 'WRITE' | 'EXECUTE' | 'CREATE', string[]>>;

/** Both forms: Clouddriver's map, and a list of single maps. */
const permissions = z
  .union([permissionMap, z.array(permissionMap)], {
    error: 'must be a map of READ, WRITE, EXECUTE or CREATE to roles, or a list of such maps',
  })
  .transform((given) => mergePermissions(Array.isArray(given) ? given : [given]));

const customResourceDefinition = z.object({
  kind: z.string().regex(/^[^.\s]+(\.[^.\s]+)+$/, { error: 'must have the form Kind.group' }),
  scope: z.enum(['Namespaced', 'Cluster']).default('Namespaced'),
});

/** Without entries that say nothing: Armory's form has one, `[{kind:}]`, to be filled in. */
const customResourceDefinitions = z
  .preprocess(
    (given): unknown =>
      Array.isArray(given) ? given.filter((entry) => !isEmptyMap(entry)) : given,
    z.array(customResourceDefinition),
  )
  .default([]);

/** Keys that Clouddriver reads; handed on to it as they are. */
const forClouddriver = {
  environment: z.string().optional(),
  accountType: z.string().optional(),
  namingStrategy: z.string().optional(),
  cacheAllApplicationRelationships: z.boolean().optional(),
  customResources: z.array(z.looseObject({})).optional(),
  rawResourcesEndpointConfig: z.looseObject({}).optional(),
};

/** Keys of one account. */
const accountKeys = z.object({
  name: z.string().min(1).max(255).regex(/^\S+$/, { error: 'must not contain whitespace' }),
  serviceAccount: z.boolean().default(false),
  /** A path, or a reference to a kubeconfig. */
  kubeconfigFile: secretFile.optional(),
  context: z.string().min(1).optional(),
  insecure: z.boolean().default(false),
  kinds: names,
  omitKinds: names,
  namespaces: names,
  omitNamespaces: names,
  onlyNamespacedResources: z.boolean().default(false),
  onlySpinnakerManaged: z.boolean().default(false),
  customResourceDefinitions,
  permissions: permissions.optional(),
  operations: operationsSchema.prefault({}),
  maxResumableResourceAgeMs: z.number().int().min(0).optional(),
  ...forClouddriver,
});

/** Schema of one account. */
export const accountSchema = crossCheck(accountKeys, (account) => [
  ...checkCredentials(account),
  ...checkNamespaces(account),
]);

/** One account, validated. */
export type AccountConfig = z.output<typeof accountSchema>;

/**
 * What the bridge is told about an account: the keys that Clouddriver's account definition shares
 * and those that the gateway needs. Nothing of credentials.
 */
export function accountProperties(account: AccountConfig): Record<string, unknown> {
  const { namespaces, omitNamespaces, kinds, omitKinds, operations } = account;
  const properties: Record<string, unknown> = {
    permissions: account.permissions,
    namespaces,
    omitNamespaces,
    kinds,
    omitKinds,
    onlySpinnakerManaged: account.onlySpinnakerManaged,
    onlyNamespacedResources: account.onlyNamespacedResources,
    customResourceDefinitions: account.customResourceDefinitions,
    operations: { allow: operations.allow },
  };
  for (const key of Object.keys(forClouddriver) as (keyof typeof forClouddriver)[]) {
    if (account[key] !== undefined) properties[key] = account[key];
  }
  return properties;
}

type UncheckedAccount = Unchecked<z.output<typeof accountKeys>>;

function checkCredentials({ serviceAccount, kubeconfigFile }: UncheckedAccount): CrossProblem[] {
  const hasFile = kubeconfigFile !== undefined;
  if (serviceAccount !== hasFile) return [];
  if (!hasFile) return [{ path: [], message: 'needs serviceAccount: true or a kubeconfigFile' }];
  const message = 'give either serviceAccount: true or kubeconfigFile, not both';
  return [{ path: ['serviceAccount'], message }];
}

function checkNamespaces({ onlyNamespacedResources, namespaces }: UncheckedAccount) {
  const needsThem = onlyNamespacedResources === true;
  if (!needsThem || !Array.isArray(namespaces) || namespaces.length > 0) return [];
  return [{ path: ['onlyNamespacedResources'], message: 'needs namespaces' }];
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function mergePermissions(maps: readonly PermissionMap[]): PermissionMap {
  const merged: PermissionMap = {};
  for (const map of maps) {
    for (const [authorization, more] of Object.entries(map)) {
      const key = authorization as keyof PermissionMap;
      merged[key] = [...new Set([...(merged[key] ?? []), ...more])];
    }
  }
  return merged;
}
