/**
 * Which objects take part in "a service selects replica sets", and by which labels: what a service
 * asks for, and what the pods of a replica set would have.
 * https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
 */
import { isObject, objectOr, stringOr, stringsOr, type JsonObject } from './json-value.ts';

/** One object's part in it. */
export interface Selection {
  /** Whether it asks for labels or offers them. */
  readonly side: 'service' | 'replicaSet';
  /** Services select within their namespace only. */
  readonly namespace: string;
  /** Wanted of all, or on each pod; never empty. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The object's part, if it has one: a service without a selector selects nothing. */
export function selectionOf(object: JsonObject): Selection | undefined {
  const spec = objectOr(object.spec);
  const namespace = stringOr(objectOr(object.metadata).namespace);
  if (object.kind === 'Service' && object.apiVersion === 'v1') {
    return ifAny({ side: 'service', namespace, labels: stringsOr(spec.selector) });
  }
  if (object.kind !== 'ReplicaSet' || object.apiVersion !== 'apps/v1') return undefined;
  const labels = stringsOr(objectOr(objectOr(spec.template).metadata).labels);
  return ifAny({ side: 'replicaSet', namespace, labels });
}

/** The same, of a stored body (CacheData JSON, whoever wrote it). */
export function readSelection(body: Uint8Array): Selection | undefined {
  const { manifest } = objectOr(objectOr(parsed(body)).attributes);
  return isObject(manifest) ? selectionOf(manifest) : undefined;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    // Changed by hand: that row takes no part until its object changes, and the others do.
    return undefined;
  }
}

function ifAny(selection: Selection): Selection | undefined {
  return Object.keys(selection.labels).length === 0 ? undefined : selection;
}
