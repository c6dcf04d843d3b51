/**
 * Rows that stand for a grouping: the application and the cluster that a member belongs to. They are
 * written without `cacheExpiry`, which Clouddriver would renew every cycle and nobody reads.
 */
import { hash } from 'node:crypto';
import type { LogicalRow, LogicalRows } from './projection.ts';
import { emptyRelations, reverseRelationsOf, type Relations } from './relations.ts';
import type { Moniker } from './moniker.ts';

/** What Clouddriver writes for logical rows; no SQL reader acts on it. */
const logicalTtlSeconds = 600;

const none: LogicalRows = Object.freeze({});

/** The logical rows of a member with these relations. */
export function logicalRowsOf(member: {
  readonly relations: Relations;
  readonly moniker: Moniker;
  readonly agent: string;
}): LogicalRows {
  const { agent, moniker } = member;
  const applicationId = member.relations.applications?.[0];
  if (applicationId === undefined) return none;
  const application = logicalRow({
    type: 'applications',
    id: applicationId,
    name: moniker.app ?? '',
    agent,
    relations: emptyRelations(),
  });
  const clusterId = member.relations.clusters?.[0];
  if (clusterId === undefined) return { application };
  const cluster = logicalRow({
    type: 'clusters',
    id: clusterId,
    name: moniker.cluster ?? '',
    agent,
    relations: { applications: [applicationId], ...emptyRelations() },
  });
  return { application, cluster };
}

function logicalRow(row: {
  readonly type: LogicalRow['type'];
  readonly id: string;
  readonly name: string;
  readonly agent: string;
  readonly relations: Relations;
}): LogicalRow {
  const body = Buffer.from(
    JSON.stringify({
      id: row.id,
      ttlSeconds: logicalTtlSeconds,
      relationships: row.relations,
      attributes: { name: row.name },
    }),
  );
  const { type, id } = row;
  return { type, id, body, bodyHash: hash('sha256', body), relations: reverseRelationsOf(row) };
}
