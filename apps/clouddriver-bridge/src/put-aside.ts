/** Makes dead letters: of objects that cannot become rows, and of rows that the database refuses. */
import { parseInfrastructureKey, type Projection } from '@fairlead/clouddriver-model';
import { type DeltaRecord } from '@fairlead/protocol';
import { deadLetterId, manifestBytes, type DeadLetter, type RowKey } from '@fairlead/sql-cache';
import { payloadToKeep, type PayloadFeed } from './dead-letter-payload.ts';

/** The feed that something came from, and the row that there would be. */
export interface LetterOrigin {
  /** The account. */
  readonly account: string;
  /** The feed. */
  readonly feed: PayloadFeed;
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The row's id. */
  readonly rowId: string;
}

/** An object with its names, as it came over the link. */
export type ObjectRecord = Pick<
  DeltaRecord,
  'namespace' | 'name' | 'uid' | 'resourceVersion' | 'object'
>;

/** The reason of every row that the database refuses; its words are the message. */
const refusedReason = 'refused';

const nothing = new Uint8Array(0);

/** An object that cannot become a row. */
export function letterOfObject(
  origin: LetterOrigin,
  record: ObjectRecord,
  reason: string,
): DeadLetter {
  const { namespace, name, uid, resourceVersion, object } = record;
  return {
    ...addressed(origin),
    ...{ namespace, name, uid, resourceVersion, operation: 'write', reason, message: '' },
    payload: payloadToKeep(origin.feed, object),
  };
}

/** A row that the database refuses, to be written or to go. */
export function letterOfRow(
  origin: Omit<LetterOrigin, 'type' | 'rowId'>,
  row: Projection | RowKey,
  message: string,
): DeadLetter {
  const { type, id: rowId } = row;
  const written = 'body' in row ? row : undefined;
  const object = written && manifestBytes(written.body);
  const { namespace = '', name = rowId } = parseInfrastructureKey(rowId) ?? {};
  const { feed } = origin;
  return {
    ...addressed({ ...origin, type, rowId }),
    ...{ namespace, name },
    uid: written?.uid ?? '',
    resourceVersion: written?.resourceVersion ?? '',
    operation: written === undefined ? 'delete' : 'write',
    reason: refusedReason,
    message,
    payload: object === undefined ? nothing : payloadToKeep(feed, object),
  };
}

function addressed({ account, feed, type, rowId }: LetterOrigin) {
  const { group, resource, namespace, kind } = feed;
  return {
    id: deadLetterId({ account, type, rowId }),
    account,
    feed: { group, resource, namespace, kind },
    type,
    rowId,
  };
}
