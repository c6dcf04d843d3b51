/**
 * One object in one version as 64 bits: what agent and bridge compare instead of objects. The first
 * eight bytes of the SHA-256 of namespace, name, uid and resourceVersion, a line feed between them
 * (none of them holds one). SHA-256 at 1 us each is not what a list of metadata costs, and nobody
 * can make two objects that look like one.
 */
import { hash } from 'node:crypto';

/** What tells an object in a version from every other. */
export interface ObjectVersion {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
  /** Its `metadata.uid`. */
  readonly uid: string;
  /** Its `metadata.resourceVersion`. */
  readonly resourceVersion: string;
}

/** The hash as two halves: JavaScript counts to 2^53. */
export interface VersionHash {
  /** The first 32 bits, unsigned. */
  readonly high: number;
  /** The last 32 bits, unsigned. */
  readonly low: number;
}

/** Bytes of a hash on the wire. */
export const versionHashBytes = 8;

/** The hash of an object's version. */
export function hashObjectVersion(version: ObjectVersion): VersionHash {
  const { namespace, name, uid, resourceVersion } = version;
  const text = `${namespace}\n${name}\n${uid}\n${resourceVersion}`;
  const digest = hash('sha256', text, 'buffer');
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) };
}
