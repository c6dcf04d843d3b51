/** Units, projections and accounts for the integration tests. */
import { projectObject, type Projection } from '@fairlead/clouddriver-model';
import { aPod, aReplicaSet, bytesOf, type ObjectParts } from '@fairlead/clouddriver-model/testing';
import {
  deadLetterId,
  type CommitUnit,
  type DeadLetter,
  type FeedCheckpoint,
  type RowKey,
  type SqlCache,
  type TakeOverRequest,
} from '../src/index.ts';

/** An account that a cache feeds. */
export interface FedAccount {
  readonly name: string;
  readonly epoch: number;
  /** A pod of the account. */
  pod(parts?: ObjectParts): Projection;
  /** A replica set of the account. */
  replicaSet(parts?: ObjectParts): Projection;
  /** Any object of the account. */
  object(object: object): Projection;
  /** A unit of the account. */
  unit(parts: Partial<CommitUnit>): CommitUnit;
}

/** Takes an account over. */
export async function feedAccount(cache: SqlCache, name: string): Promise<FedAccount> {
  const before = await cache.accounts.get(name);
  const result = await cache.accounts.takeOver(aTakeOver(name, before?.epoch ?? 0));
  if (result.kind === 'lost') throw new Error(`account ${name} is somebody else's`);
  return fedAccount(name, result.epoch);
}

/** The account as a writer of this epoch sees it. */
export function fedAccount(name: string, epoch: number): FedAccount {
  const object = (value: object) => projectObject(bytesOf(value), { account: name });
  return {
    name,
    epoch,
    pod: (parts) => object(aPod(parts)),
    replicaSet: (parts) => object(aReplicaSet(parts)),
    object,
    unit: (parts) => ({
      account: name,
      epoch,
      upserts: [],
      deletes: [],
      checkpoints: [],
      retired: [],
      ...parts,
    }),
  };
}

/** A take-over by an agent. */
export function aTakeOver(name: string, expectedEpoch: number): TakeOverRequest {
  return {
    name,
    expectedEpoch,
    owner: { agentId: 'agent-1', instanceId: 'i-1', bridgeId: 'bridge-1', linkId: 'link-1' },
    cluster: {
      server: 'https://10.0.0.1',
      certificateFingerprint: 'ab',
      version: 'v1.34.0',
      uid: 'u',
    },
    properties: { permissions: { READ: ['team'] } },
    kinds: ['pod', 'replicaSet'],
    state: 'feeding',
  };
}

/** Where the feed of pods has got to. */
export function podCheckpoint(parts: Partial<FeedCheckpoint> = {}): FeedCheckpoint {
  return {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    namespace: '',
    type: 'pod',
    resourceVersion: '1',
    asOfMs: 1000,
    ...parts,
  };
}

/** The keys of rows. */
export function keysOf(rows: readonly Projection[]): RowKey[] {
  return rows.map(({ type, id, agent }) => ({ type, id, agent }));
}

/** A letter about a pod that is none. */
export function aDeadLetter(account: FedAccount, parts: Partial<DeadLetter> = {}): DeadLetter {
  const name = parts.name ?? 'bad';
  const rowId = `kubernetes.v2:infrastructure:pod:${account.name}:n:${name}`;
  return {
    id: deadLetterId({ account: account.name, type: 'pod', rowId }),
    account: account.name,
    feed: { group: '', resource: 'pods', namespace: '', kind: 'Pod' },
    type: 'pod',
    rowId,
    namespace: 'n',
    name,
    uid: 'uid',
    resourceVersion: '7',
    operation: 'write',
    reason: 'invalidJson',
    message: '',
    payload: Buffer.from('{'),
    ...parts,
  };
}
