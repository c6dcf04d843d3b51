/**
 * Projects one Kubernetes object to everything that Clouddriver's cache must hold because of it.
 * The object's bytes go into the row as they are: parsing and printing would round numbers above
 * 2^53 and lose the order of keys.
 */
import { hash } from 'node:crypto';
import type { Projection, ProjectionContext } from './projection.ts';
import { parseObjectView, type KubernetesObjectView } from './object-view.ts';
import { relationsOf, reverseRelationsOf, type Relations } from './relations.ts';
import { cachingAgentName, isNativeKind, spinnakerKind } from './kinds.ts';
import { isCachingIgnored, monikerOf, type Moniker } from './moniker.ts';
import { infrastructureKey } from './keys.ts';
import { logicalRowsOf } from './logical-rows.ts';

/** Clouddriver's "never expires". */
const infrastructureTtlSeconds = -1;

const bodyEnd = '}}';

/**
 * Projects one object.
 * @param object - the bytes of one JSON object, with `kind` and `apiVersion`
 * @throws ModelError when the object cannot have a row
 */
export function projectObject(object: Uint8Array, context: ProjectionContext): Projection {
  const view = parseObjectView(object);
  const { account } = context;
  const type = spinnakerKind(view.apiVersion, view.kind);
  const agent = cachingAgentName(account, type);
  const id = infrastructureKey({ kind: type, account, namespace: view.namespace, name: view.name });
  const moniker = monikerOf({ kind: type, name: view.name, annotations: view.annotations });
  const relations = relationsOf({
    view,
    kind: type,
    moniker,
    account,
    allApplications: context.cacheAllApplicationRelationships ?? false,
  });
  const head = bodyHead(id, relations);
  const body = bodyOf({ head, type, view, moniker, object });
  return {
    type,
    id,
    agent,
    body,
    bodyHash: hash('sha256', body),
    head,
    relations: reverseRelationsOf({ type, id, agent, relations }),
    // Clouddriver's agents for custom kinds state relations to logical rows, and make none.
    logical: isNativeKind(type) ? logicalRowsOf({ relations, moniker, agent }) : {},
    uid: view.uid,
    resourceVersion: view.resourceVersion,
    ignored: isCachingIgnored(view.annotations),
    ...(view.selection === undefined ? {} : { selection: view.selection }),
  };
}

/** Everything before `,"attributes":`. */
function bodyHead(id: string, relations: Relations): string {
  const start = `{"id":${JSON.stringify(id)},"ttlSeconds":${infrastructureTtlSeconds}`;
  return `${start},"relationships":${JSON.stringify(relations)}`;
}

function bodyOf(row: {
  readonly head: string;
  readonly type: string;
  readonly view: KubernetesObjectView;
  readonly moniker: Moniker;
  readonly object: Uint8Array;
}): Uint8Array {
  const { head, type, view, moniker } = row;
  const attributes = JSON.stringify({
    kind: type,
    apiVersion: view.apiVersion.toLowerCase(), // As Clouddriver prints its `KubernetesApiVersion`.
    name: view.name,
    namespace: view.namespace,
    fullResourceName: `${type} ${view.name}`,
    moniker,
  });
  return spliced(`${head},"attributes":${attributes.slice(0, -1)},"manifest":`, row.object);
}

/** The object's bytes between a text and the end of a body, in one piece of memory. */
function spliced(start: string, object: Uint8Array): Uint8Array {
  const startBytes = Buffer.byteLength(start);
  const body = Buffer.allocUnsafe(startBytes + object.byteLength + bodyEnd.length);
  body.write(start, 0);
  body.set(object, startBytes);
  body.write(bodyEnd, startBytes + object.byteLength, 'latin1');
  return body;
}
