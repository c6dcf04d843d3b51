/**
 * What the beginning of a stored body tells, without its end. Bodies written by Clouddriver itself
 * have another order and tell less; a field that the head does not reach is absent or empty.
 */
import { isObject, listOr, objectOr, stringOr } from './json-value.ts';
import type { Moniker } from './moniker.ts';
import type { Relations } from './relations.ts';
import { readCutJson } from './cut-json.ts';

/** How much of a body usually holds all of a `RowHead`, in characters. */
export const rowHeadChars = 2048;

/** What stands before the attributes of a body, and in no JSON string. */
export const attributesMark = ',"attributes":';

/** The facts in the first part of a body. */
export interface RowHead {
  /** The row's id. */
  readonly id: string;
  /** The relations that the row states. */
  readonly relations: Relations;
  /** Spinnaker kind. */
  readonly kind: string;
  /** The object's apiVersion. */
  readonly apiVersion: string;
  /** The object's name. */
  readonly name: string;
  /** The object's namespace. */
  readonly namespace: string;
  /** The object's moniker. */
  readonly moniker: Moniker;
  /** `metadata.uid`; `''` when it lies behind the cut (custom resources print it after annotations). */
  readonly uid: string;
  /** `metadata.resourceVersion`; `''` when it lies behind the cut. */
  readonly resourceVersion: string;
}

/** Reads a body, whole or cut off. */
export function readRowHead(head: string | Uint8Array): RowHead {
  const text = typeof head === 'string' ? head : new TextDecoder().decode(head);
  const row = objectOr(readCutJson(text));
  const attributes = objectOr(row.attributes);
  const metadata = objectOr(objectOr(attributes.manifest).metadata);
  return {
    id: stringOr(row.id),
    relations: relationsIn(row.relationships),
    kind: stringOr(attributes.kind),
    apiVersion: stringOr(attributes.apiVersion),
    name: stringOr(attributes.name),
    namespace: stringOr(attributes.namespace),
    moniker: monikerIn(attributes.moniker),
    uid: stringOr(metadata.uid),
    resourceVersion: stringOr(metadata.resourceVersion),
  };
}

function relationsIn(value: unknown): Relations {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([type, ids]) => [
      type,
      listOr(ids).filter((id): id is string => typeof id === 'string'),
    ]),
  );
}

function monikerIn(value: unknown): Moniker {
  const source = objectOr(value);
  const moniker: Record<string, string | number> = {};
  for (const key of ['app', 'cluster', 'detail', 'stack']) {
    const text = source[key];
    if (typeof text === 'string') moniker[key] = text;
  }
  const sequence = source.sequence;
  if (typeof sequence === 'number') moniker.sequence = sequence;
  return moniker;
}
