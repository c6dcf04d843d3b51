/**
 * An agent for tests: speaks the link over real gRPC, answers heartbeats, and does nothing else that
 * it is not told.
 */
import {
  credentials,
  Metadata,
  type ChannelCredentials,
  type ClientDuplexStream,
} from '@grpc/grpc-js';
import {
  batchToParts,
  Codec,
  codecFromWire,
  compressBatch,
  DeltaBatchEncoder,
  LinkServiceClient,
  linkClientOptions,
  type AccountAccepted,
  type AgentMessage,
  type BridgeMessage,
  type CodecName,
  type DeltaRecord,
  type FeedState,
  type OpenFeed,
} from '@fairlead/protocol';
import { wholeView } from './deltas.ts';

type Said = NonNullable<BridgeMessage['message']>;
type SaidCase = Said['$case'];
type ValueOf<C extends SaidCase> = Extract<Said, { $case: C }>['value'];
type AgentSays = NonNullable<AgentMessage['message']>;

export interface FakeAgentOptions {
  readonly port: number;
  readonly agentId?: string;
  readonly token?: string;
  readonly versions?: number[];
  readonly channel?: ChannelCredentials;
}

interface StreamEnd {
  readonly code: number;
  readonly details: string;
}

/** One link. What the bridge says is kept until it is asked for, by kind. */
export class FakeAgent {
  readonly #client: LinkServiceClient;
  readonly #call: ClientDuplexStream<AgentMessage, BridgeMessage>;
  readonly #said: Said[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #encoder = new DeltaBatchEncoder();
  readonly #seqs = new Map<number, number>();
  #codec: CodecName = 'none';
  #end: StreamEnd | undefined;
  /** How the stream ended. */
  readonly ended: Promise<StreamEnd>;

  constructor(options: FakeAgentOptions) {
    const channel = options.channel ?? credentials.createInsecure();
    this.#client = new LinkServiceClient(`127.0.0.1:${options.port}`, channel, {
      ...linkClientOptions,
      'grpc.ssl_target_name_override': 'bridge.test',
    });
    const metadata = new Metadata();
    if (options.token !== undefined) metadata.set('authorization', `Bearer ${options.token}`);
    this.#call = this.#client.link(metadata);
    this.#call.on('data', ({ message }: BridgeMessage) => {
      if (message === undefined) return;
      if (message.$case === 'heartbeat') this.say(message);
      else this.#said.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.#call.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#call.on('status', (status: StreamEnd) => {
        this.#end = status;
        resolve(status);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
    this.say({
      $case: 'hello',
      value: {
        protocolVersions: options.versions ?? [1],
        agentId: options.agentId ?? 'agent-1',
        instanceId: `${options.agentId ?? 'agent-1'}-instance`,
        agentVersion: '0.0.0-test',
        codecs: [Codec.ZSTD, Codec.DEFLATE],
        capabilities: [],
        zone: 'zone-a',
      },
    });
  }

  say(message: AgentSays): void {
    this.#call.write({ message });
  }

  /**
   * The next message of this kind; earlier ones of other kinds stay for whoever asks. Throws when the
   * link has ended without it.
   */
  async hear<C extends SaidCase>(kind: C): Promise<ValueOf<C>> {
    for (;;) {
      const at = this.#said.findIndex((message) => message.$case === kind);
      const [found] = at < 0 ? [] : this.#said.splice(at, 1);
      if (found !== undefined) return found.value as ValueOf<C>;
      if (this.#end !== undefined) {
        const { code, details } = this.#end;
        throw new Error(`the link ended with ${code} ${details} before any ${kind}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Kinds that were heard and not asked for. */
  unheard(): readonly SaidCase[] {
    return this.#said.map((message) => message.$case);
  }

  async welcome(): Promise<this> {
    const { codec } = await this.hear('welcome');
    this.#codec = codecFromWire(codec);
    return this;
  }

  register(name: string, cluster: { uid: string; properties?: object }): void {
    this.say({
      $case: 'registerAccount',
      value: {
        name,
        cluster: {
          server: `https://${cluster.uid}.example`,
          certificateFingerprint: '',
          version: 'v1.31.0',
          uid: cluster.uid,
        },
        kinds: [],
        properties: Buffer.from(JSON.stringify(cluster.properties ?? {})),
      },
    });
  }

  async accepted(name: string, uid = 'uid-1'): Promise<AccountAccepted> {
    this.register(name, { uid });
    return this.hear('accountAccepted');
  }

  openFeed(feed: Pick<OpenFeed, 'account' | 'epoch' | 'feedId'> & Partial<OpenFeed>): void {
    const pods = {
      ...{ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true },
      ...{ namespace: '', policy: '', view: wholeView },
    };
    this.say({ $case: 'openFeed', value: { ...pods, ...feed } });
  }

  status(feedId: number, state: FeedState, reason = ''): void {
    this.say({ $case: 'feedStatus', value: { feedId, state, reason, sinceMs: Date.now() } });
  }

  /** Sends one batch; answers its number. */
  batch(feedId: number, records: readonly DeltaRecord[], maxPartBytes?: number): number {
    for (const record of records) this.#encoder.add(record);
    const bytes = this.#encoder.finish();
    const batchSeq = (this.#seqs.get(feedId) ?? 0) + 1;
    this.#seqs.set(feedId, batchSeq);
    const { codec, payload } = compressBatch(bytes, this.#codec);
    const batch = { feedId, batchSeq, codec, uncompressedBytes: bytes.byteLength, payload };
    for (const value of batchToParts(batch, maxPartBytes)) this.say({ $case: 'batchPart', value });
    return batchSeq;
  }

  /** Waits until the batch of the feed is acknowledged. */
  async committed(feedId: number, batchSeq: number): Promise<void> {
    for (;;) {
      const ack = await this.hear('ack');
      if (ack.feedId === feedId && ack.batchSeq >= batchSeq) return;
    }
  }

  /** Breaks the connection off, as a crash would. */
  crash(): void {
    this.#call.cancel();
    this.#client.close();
  }

  async leave(reason = 'test is over'): Promise<void> {
    this.say({ $case: 'goodbye', value: { reason } });
    this.#call.end();
    await this.ended;
    this.#client.close();
  }
}
