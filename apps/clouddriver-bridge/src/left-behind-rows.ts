/**
 * Removes rows of an account that its feeds would never come upon: of Clouddriver's own agent for
 * custom kinds that it finds in the cluster. They have the ids of ours under another agent, and
 * Clouddriver would show either of the two.
 */
import { isNativeKind, unregisteredAgentName } from '@fairlead/clouddriver-model';
import { type SqlCache } from '@fairlead/sql-cache';
import { sweepRows } from './sweep-rows.ts';

/** What is removed, and in whose name. */
export interface LeftBehind {
  readonly account: string;
  readonly epoch: number;
}

/** Removes those of one kind; native kinds have none. Rows of other agents stay. */
export async function removeLeftBehind(
  cache: Pick<SqlCache, 'commit' | 'listIds'>,
  { account, epoch }: LeftBehind,
  rows: { readonly type: string; readonly namespace: string },
): Promise<void> {
  if (isNativeKind(rows.type)) return;
  const agent = unregisteredAgentName(account);
  const pages = sweepRows({ cache, rows: { ...rows, agent }, isKept: () => false });
  for await (const { deletes } of pages) {
    if (deletes.length === 0) continue;
    await cache.commit({ account, epoch, upserts: [], deletes, checkpoints: [], retired: [] });
  }
}
