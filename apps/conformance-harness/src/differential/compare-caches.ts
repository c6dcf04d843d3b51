/**
 * Compares what two accounts have in Clouddriver's cache for the same cluster: one that Clouddriver
 * has cached itself, and one that Fairlead has. Pure. Rows are compared as Clouddriver's readers see
 * them: relations of the body and of the relation tables together, in no order, and numbers as the
 * doubles that Clouddriver makes of them.
 */
import { isDeepStrictEqual } from 'node:util';

/** A row of a type's table. */
export interface StoredRow {
  readonly id: string;
  readonly agent: string;
  /** JSON of Clouddriver's CacheData. */
  readonly body: string;
}

/** A row of a type's relation table. */
export interface StoredRelation {
  readonly id: string;
  readonly relId: string;
  /** `<type>:<agent>`. */
  readonly relAgent: string;
  readonly relType: string;
}

/** What is stored of one account. Rows of other accounts are left out of the comparison. */
export interface AccountCache {
  readonly account: string;
  readonly rows: readonly StoredRow[];
  readonly relations: readonly StoredRelation[];
}

/** One difference; ids and agents have `*` for the account. */
export interface Difference {
  readonly id: string;
  /**
   * - `missing`, `extra`: the row is on one side only
   * - `agent`, `ttl`, `attribute`: it says something else there
   * - `relation missing`, `relation extra`: it points to something on one side only
   */
  readonly kind:
    'missing' | 'extra' | 'agent' | 'ttl' | 'attribute' | 'relation missing' | 'relation extra';
  /** Which attribute or relation, or the two values. */
  readonly detail: string;
}

interface ReadRow {
  readonly agent: string;
  readonly ttlSeconds: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Ids of everything that it points to. */
  readonly relations: ReadonlySet<string>;
}

interface CacheData {
  readonly ttlSeconds: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships: Readonly<Record<string, readonly string[]>>;
}

/** A time of day, and never the same twice. */
const volatileAttributes: readonly string[] = ['cacheExpiry'];

/** Every difference, in the order of ids; none when a reader cannot tell the two apart. */
export function compareCaches(expected: AccountCache, actual: AccountCache): readonly Difference[] {
  const [wanted, found] = [readRows(expected), readRows(actual)];
  const ids = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return ids.flatMap((id) => {
    const [left, right] = [wanted.get(id), found.get(id)];
    if (left === undefined) return [{ id, kind: 'extra' as const, detail: right?.agent ?? '' }];
    if (right === undefined) return [{ id, kind: 'missing' as const, detail: left.agent }];
    return compareRows(id, left, right);
  });
}

/** One line for people. */
export function describeDifference({ id, kind, detail }: Difference): string {
  return `${kind}: ${id}: ${detail}`;
}

/** The same without the two values, which may be whole manifests. */
export function nameDifference({ id, kind, detail }: Difference): string {
  const isAttribute = kind === 'attribute';
  return `${kind}: ${id}: ${isAttribute ? detail.slice(0, detail.indexOf(':')) : detail}`;
}

function compareRows(id: string, left: ReadRow, right: ReadRow): readonly Difference[] {
  const differences: Difference[] = [];
  const add = (kind: Difference['kind'], detail: string) => differences.push({ id, kind, detail });
  if (left.agent !== right.agent) add('agent', `${left.agent} / ${right.agent}`);
  if (left.ttlSeconds !== right.ttlSeconds) {
    add('ttl', `${String(left.ttlSeconds)} / ${String(right.ttlSeconds)}`);
  }
  for (const key of keysOf(left.attributes, right.attributes)) {
    if (isDeepStrictEqual(left.attributes[key], right.attributes[key])) continue;
    const values = [left.attributes[key], right.attributes[key]];
    add('attribute', `${key}: ${values.map((value) => JSON.stringify(value)).join(' / ')}`);
  }
  for (const other of left.relations) {
    if (!right.relations.has(other)) add('relation missing', other);
  }
  for (const other of right.relations) {
    if (!left.relations.has(other)) add('relation extra', other);
  }
  return differences;
}

function keysOf(...sides: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const keys = new Set(sides.flatMap((side) => Object.keys(side)));
  return [...keys].filter((key) => !volatileAttributes.includes(key)).sort();
}

/** As a reader merges them, with the account's name taken out. */
function readRows({ account, rows, relations }: AccountCache): ReadonlyMap<string, ReadRow> {
  const pointed = new Map<string, Set<string>>();
  for (const { id, relId, relAgent } of relations) {
    if (!relAgent.includes(`:${account}/`)) continue;
    const targets = pointed.get(id) ?? new Set();
    pointed.set(id, targets.add(relId));
  }
  const own = rows.filter(({ agent }) => agent.startsWith(`${account}/`));
  return new Map(
    own.map(({ id, agent, body }) => {
      const { ttlSeconds, attributes, relationships } = JSON.parse(body) as CacheData;
      const targets = [...Object.values(relationships).flat(), ...(pointed.get(id) ?? [])];
      const read = {
        agent: `*${agent.slice(account.length)}`,
        ttlSeconds,
        attributes: withoutEmptyAnnotations(attributes),
        relations: new Set(targets.map((target) => anonymous(target, account)).sort()),
      };
      return [anonymous(id, account), read] as const;
    }),
  );
}

/** Clouddriver puts `annotations: {}` into every manifest that has none. */
function withoutEmptyAnnotations(attributes: CacheData['attributes']): CacheData['attributes'] {
  const manifest = attributes.manifest as
    { readonly metadata?: { readonly annotations?: object } } | undefined;
  const { annotations, ...metadata } = manifest?.metadata ?? {};
  if (annotations === undefined || Object.keys(annotations).length > 0) return attributes;
  return { ...attributes, manifest: { ...manifest, metadata } };
}

/** `kubernetes.v2:infrastructure:pod:ACCOUNT:ns:name`, `kubernetes.v2:logical:clusters:ACCOUNT:...`. */
function anonymous(id: string, account: string): string {
  const parts = id.split(':');
  const isOfNoAccount = parts[1] === 'logical' && parts[2] === 'applications';
  if (isOfNoAccount || parts[3] !== account) return id;
  return parts.with(3, '*').join(':');
}
