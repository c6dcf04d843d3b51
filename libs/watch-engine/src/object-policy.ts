/**
 * What of an object may leave a cluster: whether Secrets are read whole or only their metadata, and
 * which values are cut from which kinds. Pure; the cutting itself is `@fairlead/secret-scrubber`'s.
 */
import { checkFieldPath, type ScannerOptions } from '@fairlead/secret-scrubber';
import { namesOfType } from './kind-selector.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';

/** Paths that concern some kinds. */
export interface FieldRule {
  /** As in `kinds` of the account: `replicaSet`, `crontab.stable.example.com`; `*` for all. */
  readonly kinds: readonly string[];
  /** kubectl's JSONPath without filters: `.spec.env[*].value`; see `checkFieldPath`. */
  readonly paths: readonly string[];
}

/** What may leave. */
export interface ObjectPolicy {
  /**
   * `metadata`: only the metadata of Secrets is asked for, so that their values never arrive;
   * `scrub`: whole Secrets are read and their values cut from the bytes.
   */
  readonly secrets: 'metadata' | 'scrub';
  /** Values that must not leave; counted as scrubbed. */
  readonly redact: readonly FieldRule[];
  /** What is left out since nobody needs it. */
  readonly prune: readonly FieldRule[];
}

/** Secrets as metadata, and no `managedFields` of anything: a sixth of a Pod's bytes (measured). */
export const DEFAULT_OBJECT_POLICY: ObjectPolicy = Object.freeze({
  secrets: 'metadata',
  redact: Object.freeze([]),
  prune: Object.freeze([Object.freeze({ kinds: ['*'], paths: ['.metadata.managedFields'] })]),
});

/** `metadata`: the server is asked to leave everything else out (PartialObjectMetadata). */
export type ObjectForm = 'object' | 'metadata';

/** In which form objects of a type are asked for. */
export function formOf(type: ResourceType, policy: ObjectPolicy): ObjectForm {
  return isSecretType(type) && policy.secrets === 'metadata' ? 'metadata' : 'object';
}

/** How the scanner of a type's bodies is to be made. */
export function scannerOptionsOf(
  type: ResourceType,
  policy: ObjectPolicy,
): Pick<ScannerOptions, 'apiVersion' | 'kind' | 'redact' | 'prune' | 'wipeChunks'> {
  const redact = pathsFor(type, policy.redact);
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    redact,
    prune: pathsFor(type, policy.prune),
    // Metadata of a Secret may hold a copy of its values (last-applied-configuration).
    wipeChunks: isSecretType(type) || redact.length > 0,
  };
}

/** Paths of the values of a type that must not leave. */
export function redactedPathsOf(
  type: ResourceType,
  redact: ObjectPolicy['redact'],
): readonly string[] {
  return pathsFor(type, redact);
}

/**
 * Value of `Accept`. A server that cannot leave the rest out must say so (406) rather than send
 * values unasked, so the plain form is no second choice in it.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
 */
export function acceptOf(form: ObjectForm, use: 'list' | 'watch'): string {
  if (form === 'object') return 'application/json';
  const as = use === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${as};v=v1;g=meta.k8s.io`;
}

/** What is wrong with a policy, each in words for people. */
export function problemsOfPolicy(policy: ObjectPolicy): string[] {
  return (['redact', 'prune'] as const).flatMap((member) =>
    policy[member].flatMap(({ kinds, paths }) => [
      ...(kinds.length === 0 || kinds.includes('')
        ? [`objects.${member}: a rule names no kind`]
        : []),
      ...paths.map(checkFieldPath).flatMap((problem) => problem ?? []),
    ]),
  );
}

/** The core Secret, no custom type of the same name. */
function isSecretType({ group, kind }: ResourceType): boolean {
  return group === '' && kind === 'Secret';
}

function pathsFor(type: ResourceType, rules: readonly FieldRule[]): readonly string[] {
  const names = [...namesOfType(type), '*'];
  const isMeant = ({ kinds }: FieldRule): boolean =>
    kinds.some((kind) => names.includes(kind.toLowerCase()));
  return [...new Set(rules.filter(isMeant).flatMap(({ paths }) => paths))];
}
