// Compares two sides of one kind, the cluster's objects and the stored ones, without keeping them:
// of each expected object only a digest (and of a Secret the object) is held. Pure.
import { createHash } from 'node:crypto';
import {
  canonicalText,
  firstDifference,
  type JsonObject,
  type JsonValue,
  objectAt,
  textAt,
} from './exact-json.ts';
import { comparableManifest, expectedManifest, isSecret } from './expected-manifest.ts';
import { leakedKeys } from './secret-values.ts';
import { type Finding } from './verdict.ts';

/** The type being compared. */
export interface ComparedType {
  /** Such as 'apps/v1'. */
  readonly apiVersion: string;
  /** Such as 'Deployment'. */
  readonly kind: string;
}

/** What is known of one object that differs. */
export interface Suspect {
  /** What seems to be wrong. */
  readonly kind: 'missing' | 'extra' | 'different';
  /** '' for cluster-scoped types. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
}

interface Expected {
  readonly digest: string;
  /** Kept of Secrets alone, whose digest depends on how much is stored, and to look for its values. */
  readonly secret: JsonObject | undefined;
}

/** Compares all objects of one type: first every cluster object, then every stored one. */
export class KindComparison {
  readonly #type: ComparedType;
  readonly #expected = new Map<string, Expected>();
  readonly #seen = new Set<string>();
  readonly #suspects: Suspect[] = [];
  readonly #leaks: Finding[] = [];

  constructor(type: ComparedType) {
    this.#type = type;
  }

  /** Number of cluster objects. */
  get objects(): number {
    return this.#expected.size;
  }

  /** Values of Secrets found in what is stored: these are facts, whatever changes meanwhile. */
  get leaks(): readonly Finding[] {
    return this.#leaks;
  }

  /** Takes an object as the cluster lists it. */
  addCluster(object: JsonObject): void {
    const { namespace, name } = placeOf(object);
    this.#expected.set(`${namespace}/${name}`, {
      digest: digestOf(expectedManifest(object, this.#type)),
      secret: isSecret(this.#type) ? object : undefined,
    });
  }

  /** Takes a manifest as it is stored; call after all of the cluster's objects. */
  addStored(place: { namespace: string; name: string }, manifest: JsonValue): void {
    const { namespace, name } = place;
    const key = `${namespace}/${name}`;
    const expected = this.#expected.get(key);
    this.#seen.add(key);
    if (expected === undefined) this.#suspects.push({ kind: 'extra', namespace, name });
    else if (digestFor(expected, manifest, this.#type) !== digestOf(manifest)) {
      this.#suspects.push({ kind: 'different', namespace, name });
    }
    if (expected?.secret !== undefined) {
      this.#leaks.push(...findLeaks(this.#type, expected.secret, manifest));
    }
  }

  /** Everything that does not match, with what was never stored. */
  suspects(): readonly Suspect[] {
    const missing: Suspect[] = [];
    for (const key of this.#expected.keys()) {
      if (this.#seen.has(key)) continue;
      const slash = key.indexOf('/');
      const name = key.slice(slash + 1);
      missing.push({ kind: 'missing', namespace: key.slice(0, slash), name });
    }
    return [...missing, ...this.#suspects];
  }
}

/** Compares one object looked at on both sides just now; undefined when both agree. */
export function compareObject(
  type: ComparedType,
  cluster: JsonObject | undefined,
  stored: JsonValue | undefined,
): Omit<Finding, 'object'> | undefined {
  if (cluster === undefined && stored === undefined) return undefined;
  if (cluster === undefined) return { kind: 'extra', detail: '' };
  if (stored === undefined) return { kind: 'missing', detail: '' };
  const difference = firstDifference(comparableManifest(cluster, type, stored), stored);
  return difference === undefined ? undefined : { kind: 'different', detail: difference };
}

/** The values of a Secret that occur in what is stored of it. */
function findLeaks(
  type: ComparedType,
  secret: JsonObject,
  manifest: JsonValue,
): readonly Finding[] {
  const expected = expectedManifest(secret, type);
  const object = nameOfObject(type, placeOf(secret));
  return leakedKeys(secret, manifest, expected).map((key) => ({
    kind: 'secretValue',
    object,
    detail: `data.${key}`,
  }));
}

/** How findings name an object. */
export function nameOfObject(
  type: { readonly kind: string },
  { namespace, name }: { namespace: string; name: string },
): string {
  return `${type.kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

function placeOf(object: JsonObject): { namespace: string; name: string } {
  const metadata = objectAt(object, 'metadata');
  return { namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name') };
}

function digestFor(expected: Expected, stored: JsonValue, type: ComparedType): string {
  if (expected.secret === undefined) return expected.digest;
  return digestOf(comparableManifest(expected.secret, type, stored));
}

function digestOf(value: JsonValue): string {
  return createHash('sha256').update(canonicalText(value)).digest('base64');
}
