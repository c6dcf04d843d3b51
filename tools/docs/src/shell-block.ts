/**
 * How a shell block is to be run, from the words behind its language, which readers of the page do
 * not see:
 *
 * - nothing: its commands are run one after the other and must all succeed;
 * - `until="TEXT"`: it does not end by itself; interrupted (Ctrl-C) when TEXT, an extended regular
 *   expression, has been printed;
 * - `background until="TEXT"`: it stays until the page is done, then is interrupted;
 * - `elsewhere="WHY"`: it cannot be run here, and why.
 */

/** How a block is run. */
export type BlockRun =
  | { readonly kind: 'toTheEnd' }
  | { readonly kind: 'until'; readonly pattern: string }
  | { readonly kind: 'background'; readonly pattern: string }
  | { readonly kind: 'elsewhere'; readonly reason: string };

/**
 * How a block is run.
 *
 * @throws Error when the words behind the language are none of the above
 */
export function readBlockRun(meta: string): BlockRun {
  if (meta === '') return { kind: 'toTheEnd' };
  const pattern = /^(?:background )?until="([^"]+)"$/.exec(meta)?.[1];
  if (pattern !== undefined) {
    return { kind: meta.startsWith('background') ? 'background' : 'until', pattern };
  }
  const reason = /^elsewhere="([^"]+)"$/.exec(meta)?.[1];
  if (reason !== undefined) return { kind: 'elsewhere', reason };
  throw new Error(`a shell block cannot be run as "${meta}"`);
}
