/** Looking into objects as bytes, and changing one word of them without touching the rest. */
import { membersOf, valueIn } from '@fairlead/clouddriver-model';
import { manifestIn } from '@fairlead/sql-cache';

const mark = ',"manifest":';
/** Ends of the manifest's two parents. */
const bodyEnd = 2;

/** The object in a stored row, byte for byte; `undefined` if there is none. */
export function objectInBody(body: Buffer): Uint8Array | undefined {
  const start = body.indexOf(mark);
  if (start !== -1) {
    const object = body.subarray(start + mark.length, body.length - bodyEnd);
    // Not so in rows of Clouddriver's own, whose manifest does not stand last.
    if (membersOf(object) !== undefined) return object;
  }
  return manifestIn(body.toString());
}

/** The object with another `metadata.resourceVersion`; as it is, if it has none. */
export function withResourceVersion(object: Uint8Array, version: string): Uint8Array {
  const metadata = membersOf(object)?.get('metadata');
  if (metadata === undefined) return object;
  const inner = object.subarray(metadata.start, metadata.end);
  const place = membersOf(inner)?.get('resourceVersion');
  if (place === undefined) return object;
  return Buffer.concat([
    object.subarray(0, metadata.start + place.start),
    Buffer.from(JSON.stringify(version)),
    object.subarray(metadata.start + place.end),
  ]);
}

/** What identifies an object and its version; empty where it is not said. */
export function identityOf(object: Uint8Array): {
  readonly uid: string;
  readonly resourceVersion: string;
} {
  const stretch = membersOf(object)?.get('metadata');
  const metadata = (stretch === undefined ? {} : valueIn(object, stretch)) as {
    readonly uid?: unknown;
    readonly resourceVersion?: unknown;
  } | null;
  return { uid: textOf(metadata?.uid), resourceVersion: textOf(metadata?.resourceVersion) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
