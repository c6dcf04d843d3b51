/**
 * Clouddriver's cache keys. Parts are joined with `:`, and a `:` inside a part becomes `;` (so a
 * `;` in a name cannot be told from a `:` when a key is read back, exactly as in Clouddriver).
 */

const provider = 'kubernetes.v2';
const infrastructurePrefix = `${provider}:infrastructure:`;
const applicationPrefix = `${provider}:logical:applications:`;
const clusterPrefix = `${provider}:logical:clusters:`;

/** What an infrastructure key names. */
export interface InfrastructureKey {
  /** Spinnaker kind. */
  readonly kind: string;
  /** Account name. */
  readonly account: string;
  /** `''` for cluster-scoped objects. */
  readonly namespace: string;
  /** Object name. */
  readonly name: string;
}

/** `kubernetes.v2:infrastructure:<kind>:<account>:<namespace>:<name>`. */
export function infrastructureKey(key: InfrastructureKey): string {
  const { kind, account, namespace, name } = key;
  return `${infrastructurePrefix}${part(kind)}:${part(account)}:${part(namespace)}:${part(name)}`;
}

/** The key of an object under a prefix that {@link infrastructureKeyPrefix} gave for no namespace. */
export function keyUnderPrefix(
  prefix: string,
  { namespace, name }: Pick<InfrastructureKey, 'namespace' | 'name'>,
): string {
  return `${prefix}${part(namespace)}:${part(name)}`;
}

/** Reads an infrastructure key back; `undefined` for any other string. */
export function parseInfrastructureKey(id: string): InfrastructureKey | undefined {
  if (!id.startsWith(infrastructurePrefix)) return undefined;
  const parts = id.slice(infrastructurePrefix.length).split(':').map(unpart);
  const [kind, account, namespace, name] = parts;
  if (parts.length !== 4 || kind === undefined || account === undefined) return undefined;
  if (namespace === undefined || name === undefined) return undefined;
  return { kind, account, namespace, name };
}

/**
 * What every key of a kind, an account and (if given) a namespace begins with, up to and including
 * the last `:`.
 */
export function infrastructureKeyPrefix(key: {
  readonly kind: string;
  readonly account: string;
  readonly namespace?: string;
}): string {
  const start = `${infrastructurePrefix}${part(key.kind)}:${part(key.account)}:`;
  return key.namespace === undefined ? start : `${start}${part(key.namespace)}:`;
}

/** `kubernetes.v2:logical:applications:<application>`: the same for all accounts. */
export function applicationKey(application: string): string {
  return applicationPrefix + part(application);
}

/** What a cluster key names. */
export interface ClusterKey {
  /** Account name. */
  readonly account: string;
  /** Application name. */
  readonly application: string;
  /** Cluster name. */
  readonly cluster: string;
}

/** `kubernetes.v2:logical:clusters:<account>:<application>:<cluster>`. */
export function clusterKey(key: ClusterKey): string {
  return `${clusterPrefix}${part(key.account)}:${part(key.application)}:${part(key.cluster)}`;
}

/** The key of the application that a cluster key belongs to; `undefined` for any other string. */
export function applicationKeyOfCluster(id: string): string | undefined {
  if (!id.startsWith(clusterPrefix)) return undefined;
  const parts = id.slice(clusterPrefix.length).split(':');
  const application = parts[1];
  return parts.length === 3 && application !== undefined
    ? applicationPrefix + application
    : undefined;
}

function part(text: string): string {
  return text.includes(':') ? text.replaceAll(':', ';') : text;
}

function unpart(text: string): string {
  return text.includes(';') ? text.replaceAll(';', ':') : text;
}
