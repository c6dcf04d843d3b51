/** Reads what V8 says in a heap snapshot. */

/** The part of the format that is used here. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      /** Of the field `type`: the names of its values. */
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  /** Fields of all nodes, one node after the other. */
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Bytes of everything alive, buffers outside V8's heap included. */
export function liveBytes(text: string): number {
  const { snapshot, nodes } = JSON.parse(text) as HeapSnapshot;
  const { node_fields: fields } = snapshot.meta;
  const sizeAt = fields.indexOf('self_size');
  let bytes = 0;
  for (let node = 0; node < nodes.length; node += fields.length) bytes += nodes[node + sizeAt] ?? 0;
  return bytes;
}

/** How many objects of each class are alive. */
export function liveObjects(text: string): ReadonlyMap<string, number> {
  const { snapshot, nodes, strings } = JSON.parse(text) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt] = [fields.indexOf('type'), fields.indexOf('name')];
  const objectType = types[0].indexOf('object');
  const counts = new Map<string, number>();
  for (let node = 0; node < nodes.length; node += fields.length) {
    if (nodes[node + typeAt] !== objectType) continue;
    const name = strings[nodes[node + nameAt] ?? 0] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
