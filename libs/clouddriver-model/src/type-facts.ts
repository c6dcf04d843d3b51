/** What the objects of one kind have in common, so that it is not found out for each of them. */
import { infrastructureKeyPrefix } from './keys.ts';
import { cachingAgentName, isNativeKind, spinnakerKind } from './kinds.ts';
import { relatingMemberOf } from './object-view.ts';
import type { ProjectionContext } from './projection.ts';
import { relatesToApplication } from './relations.ts';

/** Of one kind in one account. */
export interface TypeFacts {
  /** As the objects have it. */
  readonly apiVersion: string;
  /** As the objects have it. */
  readonly kind: string;
  /** The account. */
  readonly account: string;
  /** Whether every kind is related to its application. */
  readonly allApplications: boolean;
  /** Spinnaker kind. */
  readonly type: string;
  /** The caching agent. */
  readonly agent: string;
  /** What each id begins with, up to the namespace. */
  readonly idPrefix: string;
  /** Whether the kind is of a native group. */
  readonly isNative: boolean;
  /** Whether the objects are related to nothing but their owners. */
  readonly statesOnlyOwners: boolean;
  /** What stands between a row's relations and the object's name. */
  readonly attributesStart: string;
}

/** Finds them out. */
export function typeFactsOf(
  { apiVersion, kind }: Pick<TypeFacts, 'apiVersion' | 'kind'>,
  context: ProjectionContext,
): TypeFacts {
  const { account, cacheAllApplicationRelationships: allApplications = false } = context;
  const type = spinnakerKind(apiVersion, kind);
  const isOfApplication = relatesToApplication({ kind: type, allApplications });
  // As Clouddriver prints its `KubernetesApiVersion`.
  const printedVersion = JSON.stringify(apiVersion.toLowerCase());
  return {
    ...{ apiVersion, kind, account, allApplications, type },
    agent: cachingAgentName(account, type),
    idPrefix: infrastructureKeyPrefix({ kind: type, account }),
    isNative: isNativeKind(type),
    statesOnlyOwners: !isOfApplication && relatingMemberOf(kind) === undefined,
    attributesStart: `,"attributes":{"kind":${JSON.stringify(type)},"apiVersion":${printedVersion},"name":`,
  };
}
