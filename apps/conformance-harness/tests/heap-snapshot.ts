/** Reads what V8 says in a heap snapshot. */

/** The part of the format that is used here. */
interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } };
  /** Fields of all nodes, one node after the other. */
  readonly nodes: readonly number[];
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
