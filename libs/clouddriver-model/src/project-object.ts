/**
 * Projects Kubernetes objects to everything that Clouddriver's cache must hold because of them.
 * An object's bytes go into the row as they are: parsing and printing would round numbers above
 * 2^53 and lose the order of keys.
 */
import { hash } from 'node:crypto';
import { joinedBody } from './body-memory.ts';
import { keyUnderPrefix } from './keys.ts';
import { ViewReader } from './located-view.ts';
import { logicalRowsOf } from './logical-rows.ts';
import { isCachingIgnored, monikerOf, type Moniker } from './moniker.ts';
import type { ProjectedView } from './object-view.ts';
import type { LogicalRows, Projection, ProjectionContext } from './projection.ts';
import { reverseRelationsTo } from './relations.ts';
import { RelationsReader } from './stated-relations.ts';
import { typeFactsOf, type TypeFacts } from './type-facts.ts';

const bodyEnd = '}}';
const noRows: LogicalRows = Object.freeze({});

/**
 * Projects one object; for more than one, use an {@link ObjectProjector}.
 * @param object - the bytes of one JSON object, with `kind` and `apiVersion`
 * @throws ModelError when the object cannot have a row
 */
export function projectObject(object: Uint8Array, context: ProjectionContext): Projection {
  return new ObjectProjector(context).project(object);
}

/**
 * Projects objects of one account. What comes out of an object does not depend on those before; it
 * is only found sooner when they had it in common, as the objects of one feed have.
 */
export class ObjectProjector {
  readonly #context: ProjectionContext;
  readonly #views = new ViewReader();
  readonly #relations = new RelationsReader();
  #facts: TypeFacts | undefined;

  /** `context`: the account. */
  constructor(context: ProjectionContext) {
    this.#context = context;
  }

  /**
   * Projects one object.
   * @param object - the bytes of one JSON object, with `kind` and `apiVersion`
   * @throws ModelError when the object cannot have a row
   */
  project(object: Uint8Array): Projection {
    const view = this.#views.read(object);
    const facts = this.#factsOf(view);
    const { type, agent, isNative } = facts;
    const id = keyUnderPrefix(facts.idPrefix, view);
    const moniker = monikerOf({ kind: type, name: view.name, annotations: view.annotations });
    const { relations, headEnd, targets } = this.#relations.read(view, facts, moniker);
    // Everything before `,"attributes":`.
    const head = `{"id":${JSON.stringify(id)}${headEnd}`;
    const body = joinedBody(`${head}${attributesOf(view, facts, moniker)}`, object, bodyEnd);
    const projection = {
      type,
      id,
      agent,
      body,
      bodyHash: hash('sha256', body),
      head,
      relations: reverseRelationsTo(targets, { type, id }),
      // Clouddriver's agents for custom kinds state relations to logical rows, and make none.
      logical: isNative ? logicalRowsOf({ relations, moniker, agent }) : noRows,
      uid: view.uid,
      resourceVersion: view.resourceVersion,
      ignored: isCachingIgnored(view.annotations),
    };
    const { selection } = view;
    return selection === undefined ? projection : { ...projection, selection };
  }

  #factsOf({ apiVersion, kind }: ProjectedView): TypeFacts {
    const last = this.#facts;
    if (last?.kind === kind && last.apiVersion === apiVersion) return last;
    return (this.#facts = typeFactsOf({ apiVersion, kind }, this.#context));
  }
}

/** What stands between a row's relations and the manifest, which is the last of its attributes. */
function attributesOf(
  view: ProjectedView,
  { type, attributesStart }: TypeFacts,
  moniker: Moniker,
): string {
  const name = JSON.stringify(view.name);
  const namespace = JSON.stringify(view.namespace);
  const fullName = JSON.stringify(`${type} ${view.name}`);
  const named = `${attributesStart}${name},"namespace":${namespace},"fullResourceName":${fullName}`;
  return `${named},"moniker":${JSON.stringify(moniker)},"manifest":`;
}
