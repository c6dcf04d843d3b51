/**
 * Which version of its object a row holds, read off the body. Pure: for databases that cannot look
 * into a body themselves, and for bodies that their functions refuse.
 */
import { hash } from 'node:crypto';
import type { StoredVersion } from './sql-cache.ts';

/** A row as it stands in its table. */
export interface StoredRow {
  readonly id: string;
  readonly bodyHash: string;
  readonly body: Uint8Array;
}

/** What a database, or {@link versionInBody}, found in a body; null for what is not there. */
export interface VersionFacts {
  readonly apiVersion: string | null;
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

/** The version in a row's body; a body that is not what its hash says, or no JSON, has none. */
export function versionInBody({ id, bodyHash, body }: StoredRow): StoredVersion {
  if (hash('sha256', body) !== bodyHash) return unsoundVersion(id);
  const row = parse(Buffer.from(body).toString('utf8'));
  const attributes = field(row, 'attributes');
  const metadata = field(field(attributes, 'manifest'), 'metadata');
  return versionFromFacts(id, {
    apiVersion: text(field(attributes, 'apiVersion')),
    uid: text(field(metadata, 'uid')),
    resourceVersion: text(field(metadata, 'resourceVersion')),
  });
}

/** A row's version from what was found; without a resourceVersion it holds no object. */
export function versionFromFacts(id: string, facts: VersionFacts): StoredVersion {
  const { apiVersion, uid, resourceVersion } = facts;
  if (apiVersion === null || resourceVersion === null) return unsoundVersion(id);
  return { id, isSound: true, apiVersion, uid: uid ?? '', resourceVersion };
}

/** A row of which nothing can be told. */
export function unsoundVersion(id: string): StoredVersion {
  return { id, isSound: false, apiVersion: '', uid: '', resourceVersion: '' };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Whoever wrote it, with its hash, was not this program: it is not sound.
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
