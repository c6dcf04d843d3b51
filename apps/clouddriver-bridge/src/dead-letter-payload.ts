/**
 * Which bytes of an object that is put aside may be kept. What agents send has passed their scrubber;
 * a bridge that stores what it could not read looks again, and keeps nothing when in doubt.
 */
import { type FeedName } from '@fairlead/sql-cache';

/** Where the object came from. */
export type PayloadFeed = FeedName & {
  /** Kubernetes kind of the feed. */
  readonly kind: string;
};

const nothing = new Uint8Array(0);
const secretKind = 'Secret';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object's bytes, or none if they might hold values of a Secret. */
export function payloadToKeep(feed: PayloadFeed, object: Uint8Array): Uint8Array {
  const parsed = parse(object);
  if (parsed?.kind === feed.kind) {
    return parsed.kind === secretKind && holdsValues(parsed) ? nothing : object;
  }
  // Not what its feed says: whatever it is, it must not be a Secret, nor a part of one.
  const isOfSecrets = feed.kind === secretKind || feed.resource === 'secrets';
  return isOfSecrets || mentionsSecret(object) ? nothing : object;
}

type JsonObject = Readonly<Record<string, unknown>>;

function parse(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(textOf(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    // Not readable: the caller keeps it only if it cannot be a Secret.
    return undefined;
  }
}

function holdsValues(secret: JsonObject): boolean {
  const { metadata } = secret;
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  return (
    !isEmpty(secret.data) ||
    !isEmpty(secret.stringData) ||
    (isObject(annotations) && lastApplied in annotations)
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && Object.keys(value).length === 0;
}

function mentionsSecret(bytes: Uint8Array): boolean {
  return textOf(bytes).includes(secretKind);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
