/**
 * Which application and cluster an object belongs to: Spinnaker's annotations first, and where one
 * is absent, the object's name read by Netflix Frigga's convention (`app-stack-detail-v003`).
 */

import { claimIn, textIn, wholeNumberIn } from './annotation-values.ts';

/** Spinnaker's name for a thing. Parts that are not known are absent. */
export interface Moniker {
  /** Application. */
  readonly app?: string;
  /** Cluster. */
  readonly cluster?: string;
  /** Free text of the naming convention. */
  readonly detail?: string;
  /** Stack of the naming convention. */
  readonly stack?: string;
  /** Version number within the cluster. */
  readonly sequence?: number;
}

/** What a moniker is derived from. */
export interface MonikerSource {
  /** Spinnaker kind: replica sets also count their deployment's revisions. */
  readonly kind: string;
  /** Object name. */
  readonly name: string;
  /** `metadata.annotations`. */
  readonly annotations: Readonly<Record<string, string>>;
}

const applicationAnnotation = 'moniker.spinnaker.io/application';
const clusterAnnotation = 'moniker.spinnaker.io/cluster';
const stackAnnotation = 'moniker.spinnaker.io/stack';
const detailAnnotation = 'moniker.spinnaker.io/detail';
const sequenceAnnotation = 'moniker.spinnaker.io/sequence';
const ignoreAnnotation = 'caching.spinnaker.io/ignore';
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** The annotations that projection reads, for scanners that extract annotations by key. */
export const readAnnotations = [
  applicationAnnotation,
  clusterAnnotation,
  stackAnnotation,
  detailAnnotation,
  sequenceAnnotation,
  ignoreAnnotation,
  revisionAnnotation,
] as const;

/**
 * What Frigga takes for a version: three to six digits, so that `web-v1` is a cluster of that name.
 * https://github.com/Netflix/frigga/blob/master/src/main/java/com/netflix/frigga/NameConstants.java
 */
const versionedName = /^([-a-zA-Z0-9._~^]*)-v([0-9]{3,6})$/;
/** The application stands before the first hyphen. */
const conventionalName = /^[a-zA-Z0-9._]+(?:-[a-zA-Z0-9._]*(?:-[-a-zA-Z0-9._~^]*)?)?$/;
const versionedSystemName = /^(system:.*)-v([0-9]{3,6})$/;

/** Derives the moniker of an object. */
export function monikerOf(source: MonikerSource): Moniker {
  const { annotations } = source;
  const named = parseName(source.name);
  const app = textAnnotation(annotations, applicationAnnotation, named.app);
  const cluster = textAnnotation(annotations, clusterAnnotation, named.cluster);
  const detail = textAnnotation(annotations, detailAnnotation, undefined);
  const stack = textAnnotation(annotations, stackAnnotation, undefined);
  const revision =
    source.kind === 'replicaSet'
      ? numberAnnotation(annotations, revisionAnnotation, named.sequence)
      : named.sequence;
  const sequence = numberAnnotation(annotations, sequenceAnnotation, revision);
  const moniker: { -readonly [part in keyof Moniker]: Moniker[part] } = {};
  if (app !== undefined) moniker.app = app;
  if (cluster !== undefined) moniker.cluster = cluster;
  if (detail !== undefined) moniker.detail = detail;
  if (stack !== undefined) moniker.stack = stack;
  if (sequence !== undefined) moniker.sequence = sequence;
  return moniker;
}

/** Whether an object asks not to be cached. */
export function isCachingIgnored(annotations: Readonly<Record<string, string>>): boolean {
  const value = annotations[ignoreAnnotation];
  return value !== undefined && claimIn(value);
}

interface NamedParts {
  readonly app: string | undefined;
  readonly cluster: string | undefined;
  readonly sequence: number | undefined;
}

/** Names that do not follow the convention have neither application nor cluster. */
function parseName(name: string): NamedParts {
  if (name.startsWith('system:')) return parseSystemName(name);
  const versioned = name.includes('-v') ? versionedName.exec(name) : null;
  const cluster = versioned?.[1] ?? name;
  if (!conventionalName.test(cluster)) {
    return { app: undefined, cluster: undefined, sequence: undefined };
  }
  const appEnd = cluster.indexOf('-');
  const app = appEnd < 0 ? cluster : cluster.slice(0, appEnd);
  return { app, cluster, sequence: sequenceOf(versioned?.[2]) };
}

/** Kubernetes reserves `system:` names, which the convention cannot read. */
function parseSystemName(name: string): NamedParts {
  const versioned = versionedSystemName.exec(name);
  return {
    app: 'system',
    cluster: versioned?.[1] ?? name,
    sequence: sequenceOf(versioned?.[2]),
  };
}

function sequenceOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** A text that cannot be read hides the fallback, as it does in Clouddriver. */
function textAnnotation(
  annotations: Readonly<Record<string, string>>,
  key: string,
  fallback: string | undefined,
): string | undefined {
  const value = annotations[key];
  return value === undefined ? fallback : textIn(value);
}

/** A value that is no whole number hides the fallback, as it does in Clouddriver. */
function numberAnnotation(
  annotations: Readonly<Record<string, string>>,
  key: string,
  fallback: number | undefined,
): number | undefined {
  const value = annotations[key];
  return value === undefined ? fallback : wholeNumberIn(value);
}
