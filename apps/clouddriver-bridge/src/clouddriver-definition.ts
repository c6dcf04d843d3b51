/**
 * What Clouddriver is to know of an account: the properties that its agent has registered, in the
 * form of Clouddriver's `KubernetesAccountProperties.ManagedAccount`, and a kubeconfig that leads to
 * the gateway. Pure. An agent is only trusted as far as its accounts: nothing that names a file, a
 * program or a secret on Clouddriver's machine is ever taken from it.
 */
import { isNativeKind } from '@fairlead/clouddriver-model';
import { z } from 'zod';

/** How Clouddriver reaches the gateway. Paths are on Clouddriver's machine. */
export interface GatewayAddress {
  /** Without a trailing slash: `https://bridge:9080`. */
  readonly url: string;
  /** PEM of the authorities that sign the gateway's certificate; else the machine's own. */
  readonly caFile?: string | undefined;
  /** The token that kubectl shows; else none. */
  readonly tokenFile?: string | undefined;
}

/** An account as its agent has registered it. */
export interface RegisteredAccount {
  /** Its name. */
  readonly name: string;
  /** What Clouddriver is to know of it. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Spinnaker kinds that its agent declares. */
  readonly kinds: readonly string[];
}

/** The body of a row of `accounts`, or why there must be none. */
export type DefinitionResult =
  | { readonly kind: 'definition'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly reason: string };

/** Clouddriver would replace such a text by what it stands for: kork's `EncryptedSecret`, `UserSecret`. */
const secretReference = /^(secret:\/\/|encrypted:|encryptedFile:)/;

const plainText = z.string().refine((text) => !secretReference.test(text));
const texts = z.array(plainText);

/** The keys that an agent may fill in, and nothing else of them. */
const propertiesSchema = z.object({
  environment: plainText.optional(),
  accountType: plainText.optional(),
  namingStrategy: plainText.optional(),
  permissions: z.partialRecord(z.enum(['READ', 'WRITE', 'EXECUTE', 'CREATE']), texts).optional(),
  namespaces: texts.default([]),
  omitNamespaces: texts.default([]),
  kinds: texts.default([]),
  omitKinds: texts.default([]),
  onlySpinnakerManaged: z.boolean().optional(),
  cacheAllApplicationRelationships: z.boolean().optional(),
  customResources: z
    .array(
      z.object({
        kubernetesKind: plainText,
        spinnakerKind: plainText.optional(),
        deployPriority: plainText.optional(),
        versioned: z.boolean().optional(),
        namespaced: z.boolean().optional(),
      }),
    )
    .optional(),
  rawResourcesEndpointConfig: z
    .object({ kindExpressions: texts.optional(), omitKindExpressions: texts.optional() })
    .optional(),
});

/**
 * Makes the body. A property that is not as it should be refuses the whole: leaving it out could
 * show an account to more people, or more of it, than was meant.
 */
export function clouddriverDefinition(
  { name, properties, kinds: declared }: RegisteredAccount,
  gateway: GatewayAddress,
): DefinitionResult {
  if (secretReference.test(name)) return { kind: 'refused', reason: 'its name refers to a secret' };
  const checked = propertiesSchema.safeParse(properties);
  if (!checked.success) {
    const keys = new Set(checked.error.issues.map(({ path }) => String(path[0])));
    return { kind: 'refused', reason: `Clouddriver cannot be told its ${[...keys].join(', ')}` };
  }
  const { namespaces, omitNamespaces, kinds, omitKinds, customResources, ...others } = checked.data;
  const body = {
    type: 'kubernetes',
    name,
    ...others,
    ...onlyOne('namespaces', namespaces, omitNamespaces),
    ...onlyOne('kinds', kinds, omitKinds),
    ...customResourcesOf(customResources ?? [], declared),
    kubeconfigContents: kubeconfigOf(name, gateway),
    // One kubectl for each of thirty kinds otherwise, to learn what the agent has told already.
    checkPermissionsOnStartup: false,
  };
  // As it will be read: without the keys that are not there.
  return { kind: 'definition', body: JSON.parse(JSON.stringify(body)) as typeof body };
}

/**
 * Clouddriver has the caching agent that a custom kind's rows belong to only while the account names
 * the kind, and its clean-up deletes the rows of agents that it does not have.
 */
function customResourcesOf(
  named: readonly { readonly kubernetesKind: string }[],
  declared: readonly string[],
): { readonly customResources?: readonly { readonly kubernetesKind: string }[] } {
  const names = new Set(named.map(({ kubernetesKind }) => kubernetesKind.toLowerCase()));
  const unnamed = declared.filter((kind) => !isNativeKind(kind) && !names.has(kind.toLowerCase()));
  const all = [...named, ...unnamed.map((kubernetesKind) => ({ kubernetesKind }))];
  return all.length === 0 ? {} : { customResources: all };
}

/** Clouddriver refuses an account that says both what to take and what to leave out. */
function onlyOne(
  key: 'kinds' | 'namespaces',
  wanted: readonly string[],
  unwanted: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const omitKey = key === 'kinds' ? 'omitKinds' : 'omitNamespaces';
  if (wanted.length === 0) return unwanted.length === 0 ? {} : { [omitKey]: unwanted };
  const left = wanted.filter((each) => !unwanted.includes(each));
  return { [key]: left };
}

/**
 * JSON is YAML. Never left out, even if there is nothing to say: without a kubeconfig kubectl would
 * take Clouddriver's own, and with it another cluster.
 */
function kubeconfigOf(account: string, { url, caFile, tokenFile }: GatewayAddress): string {
  const name = 'fairlead';
  const server = `${url}/clusters/${encodeURIComponent(account)}`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name, user: { tokenFile } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
