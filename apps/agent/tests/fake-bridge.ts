/**
 * A bridge for tests: a real gRPC server that keeps what agents send in memory, with the rules of
 * the contract: credits, acknowledgement after "commit", checkpoints, epochs. It can be told to
 * withhold each of them.
 */
import { Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  checkpointCreditBytes,
  codecFromWire,
  codecToWire,
  decodeDeltaBatch,
  linkServerOptions,
  LinkServiceService,
  maxMessageBytes,
  PartAssembler,
  RejectionCode,
  unpackBatch,
  type AgentMessage,
  type BatchPart,
  type BridgeMessage,
  type Checkpoints,
  type DeltaRecord,
  type FeedCheckpoint,
  type OpenFeed,
  type RegisterAccount,
} from '@fairlead/protocol';

type AgentBody = NonNullable<AgentMessage['message']>;
type BridgeBody = NonNullable<BridgeMessage['message']>;
type Stream = ServerDuplexStream<AgentMessage, BridgeMessage>;

/** What a fake bridge does unless told otherwise. */
export interface FakeBridgeOptions {
  /** Credits of an account at its acceptance. @defaultValue 4 MiB */
  creditBytes: (account: string) => number;
  /** Whether committed bytes are credited again. @defaultValue true */
  returnsCredit: (account: string) => boolean;
  /** Whether batches are acknowledged. @defaultValue true */
  acknowledges: boolean;
  /** Answer to a registration. @defaultValue accept */
  judge: (account: RegisterAccount) => 'accept' | 'standby' | { reject: string };
  /** Heartbeat period announced, in ms. @defaultValue 20000 */
  heartbeatMs: number;
  /** Largest batch announced, in bytes. @defaultValue 20 MiB */
  maxBatchBytes: number;
  /** Whether Hello is answered. @defaultValue true */
  welcomes: boolean;
}

/** One link as the bridge sees it. */
export interface BridgeLink {
  /** Metadata of the call. */
  readonly authorization: string | undefined;
  /** Everything that came, but pieces of batches. */
  readonly messages: AgentBody[];
  /** Feeds by number. */
  readonly feeds: Map<number, OpenFeed>;
  /** Deltas by feed, in order. */
  readonly deltas: Map<number, DeltaRecord[]>;
  /** Pieces that came. */
  parts: BatchPart[];
  /** Says something to the agent. */
  send(body: BridgeBody): void;
  /** Ends it as a broken line would. */
  cut(): void;
  /** Whether it is over. */
  isOver: boolean;
}

/** Rows that a real bridge would have in SQL. */
export interface StoredFeed {
  /** Where the feed would resume. */
  checkpoint: FeedCheckpoint | undefined;
  /** Objects by `namespace/name`. */
  readonly objects: Map<string, string>;
  snapshot: Map<string, string> | undefined;
}

/** The bridge. */
export class FakeBridge {
  readonly options: FakeBridgeOptions = {
    creditBytes: () => 4 * 1024 * 1024,
    returnsCredit: () => true,
    acknowledges: true,
    judge: () => 'accept',
    heartbeatMs: 20_000,
    maxBatchBytes: 20 * 1024 * 1024,
    welcomes: true,
  };
  /** Links, oldest first. */
  readonly links: BridgeLink[] = [];
  /** By `account group resource namespace`. */
  readonly stored = new Map<string, StoredFeed>();
  #server: Server;
  #port = 0;
  #epoch = 0;
  readonly #watchers = new Set<() => void>();

  constructor() {
    this.#server = this.#createServer();
  }

  /** Its address. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The newest link. */
  get link(): BridgeLink {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error('no link yet');
    return link;
  }

  /** Listens; again on the same port after `stop`. */
  async start(credentials = ServerCredentials.createInsecure()): Promise<void> {
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${this.#port}`, credentials, (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  /** Ends every link at once. */
  stop(): void {
    this.#server.forceShutdown();
    this.#server = this.#createServer();
    for (const link of this.links) link.isOver = true;
    this.look();
  }

  /** Resolves with what `find` gives as soon as it is not undefined or false. */
  until<T>(find: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const found = find();
          if (found === undefined || found === false) return;
          this.#watchers.delete(look);
          resolve(found);
        } catch (error: unknown) {
          this.#watchers.delete(look);
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** What is stored of a resource type of an account. */
  objects(account: string, resource: string): string[] {
    const feeds = [...this.stored].filter(
      ([key]) => key.startsWith(`${account} `) && key.split(' ')[2] === resource,
    );
    return feeds.flatMap(([, feed]) => [...feed.objects.keys()]).sort();
  }

  #createServer(): Server {
    // With channelz off, `forceShutdown` of grpc-js leaves open sessions alone.
    const server = new Server({ ...linkServerOptions, 'grpc.enable_channelz': 1 });
    server.addService(LinkServiceService, { link: (stream: Stream) => this.#serve(stream) });
    return server;
  }

  /** Something may have changed that {@link until} waits for. */
  look(): void {
    for (const look of [...this.#watchers]) look();
  }

  #serve(stream: Stream): void {
    const assembler = new PartAssembler({});
    const link: BridgeLink = {
      authorization: stream.metadata.get('authorization')[0]?.toString(),
      messages: [],
      feeds: new Map(),
      deltas: new Map(),
      parts: [],
      isOver: false,
      send: (message) => void stream.write({ message }),
      cut: () => stream.emit('error', { code: status.UNAVAILABLE, details: 'cut' }),
    };
    this.links.push(link);
    stream.on('data', ({ message }: AgentMessage) => {
      if (message?.$case === 'batchPart') this.#takePart(link, assembler, message.value);
      else if (message !== undefined) this.#take(link, message);
      this.look();
    });
    stream.on('end', () => stream.end());
    const over = (): void => {
      link.isOver = true;
      this.look();
    };
    stream.on('cancelled', over);
    stream.on('close', over);
    stream.on('error', over);
    this.look();
  }

  #take(link: BridgeLink, message: AgentBody): void {
    link.messages.push(message);
    if (message.$case === 'hello' && this.options.welcomes) {
      const value = {
        protocolVersion: 1,
        codec: message.value.codecs[0] ?? codecToWire('none'),
        bridgeId: 'fake',
        maxMessageBytes,
        maxBatchBytes: this.options.maxBatchBytes,
        heartbeatMs: this.options.heartbeatMs,
        capabilities: [],
        tunnelTicket: '',
        accountNames: [],
      };
      link.send({ $case: 'welcome', value });
    } else if (message.$case === 'registerAccount') this.#judge(link, message.value);
    else if (message.$case === 'openFeed') {
      link.feeds.set(message.value.feedId, message.value);
      link.deltas.set(message.value.feedId, []);
    } else if (message.$case === 'checkpoints') this.#takeCheckpoints(link, message.value);
    else if (message.$case === 'retireFeed') {
      const { account, group, resource, namespace } = message.value;
      this.stored.delete([account, group, resource, namespace].join(' '));
    }
  }

  #judge(link: BridgeLink, account: RegisterAccount): void {
    const verdict = this.options.judge(account);
    const { name } = account;
    if (verdict === 'accept') this.accept(link, name);
    else if (verdict === 'standby') {
      link.send({ $case: 'accountStandby', value: { name, reason: 'another agent feeds it' } });
    } else {
      const value = { name, code: RejectionCode.OTHER_CLUSTER, reason: verdict.reject };
      link.send({ $case: 'accountRejected', value });
    }
  }

  /** Lets an agent feed an account, with what is stored as its checkpoints. */
  accept(link: BridgeLink, name: string): void {
    this.#epoch += 1;
    const checkpoints = [...this.stored]
      .filter(([key]) => key.startsWith(`${name} `))
      .flatMap(([, feed]) => feed.checkpoint ?? []);
    const creditBytes = this.options.creditBytes(name);
    const value = { name, epoch: this.#epoch, kinds: [], checkpoints, creditBytes };
    link.send({ $case: 'accountAccepted', value });
  }

  #takePart(link: BridgeLink, assembler: PartAssembler, part: BatchPart): void {
    link.parts.push(part);
    codecFromWire(part.codec);
    const batch = assembler.add(part);
    if (batch === undefined) return;
    const { feedId, batchSeq, uncompressedBytes } = batch;
    const records = decodeDeltaBatch(unpackBatch(batch));
    link.deltas.get(feedId)?.push(...records);
    const feed = link.feeds.get(feedId);
    if (feed === undefined || !this.options.acknowledges) return;
    for (const record of records) this.#commit(feed, record);
    link.send({ $case: 'ack', value: { feedId, batchSeq } });
    const { account, epoch } = feed;
    if (!this.options.returnsCredit(account)) return;
    link.send({ $case: 'credit', value: { account, bytes: uncompressedBytes, epoch } });
  }

  #takeCheckpoints(link: BridgeLink, { account, epoch, readAtMs, feeds }: Checkpoints): void {
    const nothing = { namespace: '', name: '', uid: '', object: new Uint8Array(0) };
    for (const { feedId, resourceVersion, ageSeconds } of feeds) {
      const at = readAtMs - ageSeconds * 1000;
      const record: DeltaRecord = { type: 'checkpoint', resourceVersion, readAtMs: at, ...nothing };
      link.deltas.get(feedId)?.push(record);
      const feed = link.feeds.get(feedId);
      if (feed !== undefined && this.options.acknowledges) this.#commit(feed, record);
    }
    if (!this.options.acknowledges || !this.options.returnsCredit(account)) return;
    const bytes = feeds.length * checkpointCreditBytes;
    link.send({ $case: 'credit', value: { account, bytes, epoch } });
  }

  #commit(feed: OpenFeed, record: DeltaRecord): void {
    const { account, group, resource, namespace } = feed;
    const key = [account, group, resource, namespace].join(' ');
    const stored = this.stored.get(key) ?? {
      checkpoint: undefined,
      objects: new Map<string, string>(),
      snapshot: undefined,
    };
    this.stored.set(key, stored);
    applyRecord(stored, record);
    const isCommitted = stored.snapshot === undefined && record.resourceVersion !== '';
    if (!isCommitted) return;
    const { version, kind, namespaced } = feed;
    const { resourceVersion, readAtMs: asOfMs } = record;
    stored.checkpoint = {
      ...{ group, version, resource, kind, namespaced, namespace, resourceVersion, asOfMs },
      policy: '',
    };
  }
}

function applyRecord(stored: StoredFeed, record: DeltaRecord): void {
  const key = `${record.namespace}/${record.name}`;
  switch (record.type) {
    case 'init':
    case 'initOver':
      stored.snapshot = new Map();
      return;
    case 'initApplied':
      stored.snapshot?.set(key, record.resourceVersion);
      stored.objects.set(key, record.resourceVersion);
      return;
    case 'initDone':
      for (const name of stored.objects.keys()) {
        if (stored.snapshot?.has(name) !== true) stored.objects.delete(name);
      }
      stored.snapshot = undefined;
      return;
    case 'initDoneUnswept':
      stored.snapshot = undefined;
      return;
    case 'applied':
      stored.objects.set(key, record.resourceVersion);
      return;
    case 'deleted':
      stored.objects.delete(key);
      return;
    case 'keptObjects':
    case 'checkpoint':
      return;
  }
}
