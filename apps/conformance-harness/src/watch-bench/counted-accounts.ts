/** What a counting bridge knows of accounts: who registered, what is fed, what came of it. */
import {
  type AgentMessage,
  type BridgeMessage,
  decodeDeltaBatch,
  type DeltaRecord,
  type DeltaType,
  PartAssembler,
  unpackBatch,
} from '@fairlead/protocol';
import { DeltaTally } from './delta-tally.ts';

type FromAgent = NonNullable<AgentMessage['message']>;
type ToAgent = NonNullable<BridgeMessage['message']>;

/** Deltas of all accounts by type. */
export type DeltaTotals = Record<DeltaType, number>;

interface Account {
  isRegistered: boolean;
  /** Followed: each delta is looked at, not only counted. */
  isFollowed: boolean;
  epoch: number;
  tally: DeltaTally;
  readonly uids: Set<string>;
  newest: number;
}

interface Feed {
  readonly account: string;
  readonly resource: string;
  readonly epoch: number;
}

/** As much as a real bridge grants one account. */
const creditBytes = 8 * 2 ** 20;
/** How often it is looked whether an account has registered, in milliseconds. */
const registrationPollMs = 5;

/** The accounts of one link. Resource versions are compared as numbers: the simulator's are. */
export class CountedAccounts {
  readonly #accounts = new Map<string, Account>();
  readonly #feeds = new Map<number, Feed>();
  readonly #assembler = new PartAssembler();
  #epoch = 0;
  #acceptsAll = false;

  /** Deltas that came so far. */
  readonly totals: DeltaTotals = {
    init: 0,
    initApplied: 0,
    initDone: 0,
    initDoneUnswept: 0,
    applied: 0,
    deleted: 0,
    checkpoint: 0,
    initOver: 0,
    keptObjects: 0,
  };

  /** Has every account fed as soon as it registers; its deltas are counted in {@link totals} alone. */
  acceptAll(): void {
    this.#acceptsAll = true;
  }

  /** Takes a message; answers what to send back. */
  receive(message: FromAgent): readonly ToAgent[] {
    switch (message.$case) {
      case 'registerAccount':
        this.#accountOf(message.value.name).isRegistered = true;
        return this.#acceptsAll ? [this.#accepted(message.value.name)] : [];
      case 'openFeed': {
        const { feedId, account, resource, epoch } = message.value;
        this.#feeds.set(feedId, { account, resource, epoch });
        return [];
      }
      case 'batchPart':
        return this.#takePart(message.value);
      default:
        return [];
    }
  }

  /** Has an account fed as soon as it is registered, counting from nothing. */
  async accept(name: string): Promise<readonly ToAgent[]> {
    const account = this.#accountOf(name);
    while (!account.isRegistered) {
      await new Promise((resolve) => setTimeout(resolve, registrationPollMs));
    }
    account.isFollowed = true;
    account.tally = new DeltaTally();
    account.uids.clear();
    account.newest = 0;
    return [this.#accepted(name)];
  }

  /** Has it fed no longer. */
  revoke(name: string): readonly ToAgent[] {
    const { epoch } = this.#accountOf(name);
    return [{ $case: 'accountRevoked', value: { name, epoch, reason: 'seen enough' } }];
  }

  /** What came of an account. */
  tallyOf(name: string): DeltaTally {
    return this.#accountOf(name).tally;
  }

  #accepted(name: string): ToAgent {
    this.#epoch += 1;
    this.#accountOf(name).epoch = this.#epoch;
    const value = { name, epoch: this.#epoch, kinds: [], checkpoints: [], creditBytes };
    return { $case: 'accountAccepted', value };
  }

  #accountOf(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account: Account = {
      isRegistered: false,
      isFollowed: false,
      epoch: 0,
      tally: new DeltaTally(),
      uids: new Set(),
      newest: 0,
    };
    this.#accounts.set(name, account);
    return account;
  }

  #takePart(part: Extract<FromAgent, { $case: 'batchPart' }>['value']): readonly ToAgent[] {
    const feed = this.#feeds.get(part.feedId);
    const batch = this.#assembler.add(part);
    if (feed === undefined || batch === undefined) return [];
    const account = this.#accountOf(feed.account);
    if (feed.epoch === account.epoch) {
      for (const record of decodeDeltaBatch(unpackBatch(batch))) {
        this.totals[record.type] += 1;
        if (account.isFollowed) count(account, record);
      }
    }
    const { feedId, batchSeq } = batch;
    const bytes = batch.uncompressedBytes;
    return [
      { $case: 'ack', value: { feedId, batchSeq } },
      { $case: 'credit', value: { account: feed.account, bytes, epoch: feed.epoch } },
    ];
  }
}

function count(account: Account, record: DeltaRecord): void {
  const { tally, uids } = account;
  const { type, uid, name, object, resourceVersion } = record;
  if (type === 'initApplied') {
    if (uids.has(uid)) tally.fault(`${name} was listed twice`);
    uids.add(uid);
    tally.object(object.byteLength);
  } else if (type === 'applied') {
    if (!uids.has(uid)) tally.fault(`${name} changed and was not listed`);
    if (Number(resourceVersion) <= account.newest) tally.fault(`${name} came late`);
    account.newest = Number(resourceVersion);
    tally.event(object.byteLength, resourceVersion);
  } else if (type === 'deleted') {
    tally.fault(`${name} was deleted`);
  }
}
