/**
 * Everything that can happen to bridges over one database, one thing at a time, and what must hold
 * after each. Bridges are killed, paused and started anew, their clocks are set, agents come and go,
 * the database answers late, fails, or does what it was asked and fails then.
 */
import { setImmediate } from 'node:timers/promises';
import { type AccountOffer } from '../../src/account-state.ts';
import { account, gracePeriodMs, SimBridge, type SimQuestion } from './sim-bridge.ts';
import { SimDatabase } from './sim-database.ts';

/** What can happen. Numbers choose among what there is, and are taken modulo its count. */
export type SimMove =
  | {
      readonly kind: 'connect';
      readonly bridge: number;
      readonly agent: number;
      readonly uid: number;
    }
  | { readonly kind: 'disconnect'; readonly bridge: number; readonly link: number }
  | { readonly kind: 'answer'; readonly question: number; readonly fate: SimFate }
  | { readonly kind: 'answerAll' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'setClock'; readonly bridge: number; readonly byMs: number }
  | { readonly kind: 'move'; readonly bridge: number; readonly uid: number }
  | { readonly kind: 'commit' | 'pause' | 'resume' | 'restart' | 'kill'; readonly bridge: number };

/** What becomes of a question: done, not done, or done without an answer. */
export type SimFate = 'done' | 'failed' | 'doneButFailed';

/** Steps of time in which everything is settled, ms. */
const stepMs = 500;

/** Time in which every bridge that runs undisturbed knows who else lives, ms. */
const noticeMs = 15_000;
/** More questions in a row than anything takes. */
const maxRounds = 100;

/** Two bridges over one database. */
export class SimWorld {
  readonly #database = new SimDatabase();
  readonly #bridges: SimBridge[];
  #questions: SimQuestion[] = [];
  #ms = 1_000_000;
  #lives = 0;
  #links = 0;
  /** When a feeding that could write was last seen in a bridge that ran, true ms. */
  #fedAtMs = -Infinity;
  /** Every epoch, with the link that it was granted to. */
  readonly #granted = new Map<number, string>();
  /** Since when nothing goes wrong any more, true ms. */
  #settlingSinceMs = Infinity;
  #failure: Error | undefined;

  constructor() {
    this.#database.onRemoval = (bridgeId) => {
      this.#checkRemoval(bridgeId);
    };
    this.#bridges = [this.#start(), this.#start()];
  }

  /** One thing happens. */
  async play(move: SimMove): Promise<void> {
    this.#perform(move);
    await this.#calm();
  }

  /** All troubles end, and everybody has time to do what is left to do. */
  async settle(): Promise<void> {
    for (const [at, bridge] of this.#bridges.entries()) {
      if (bridge.isDead) this.#bridges[at] = this.#start();
      else if (bridge.isPaused) bridge.resume();
    }
    this.#settlingSinceMs = this.#ms;
    for (let passed = 0; passed < 4 * gracePeriodMs && !this.#isSettled(); passed += stepMs) {
      this.#pass(stepMs);
      for (const bridge of this.#bridges) bridge.commit();
      for (let round = 0; round === 0 || this.#questions.length > 0; round += 1) {
        if (round > maxRounds) throw new Error('the database is asked without end');
        this.#answerAll();
        await this.#calm();
      }
    }
  }

  /** What is wrong when everything has settled; nothing, it is hoped. */
  wrongs(): string[] {
    const offers = this.#bridges.flatMap(({ links }) => [...links.values()]);
    const writers = this.#writers();
    const { current } = this.#database;
    const wrongs: string[] = [];
    if (offers.length > 0 && writers.length !== 1) wrongs.push(`${writers.length} writers`);
    if (offers.length === 0 && current !== undefined) wrongs.push('an orphan was not removed');
    if (offers.length === 0 && (this.#database.row?.rows.size ?? 0) > 0) wrongs.push('rows stay');
    for (const bridge of this.#bridges) {
      for (const [linkId, offer] of bridge.links) {
        const isSame = offer.cluster.uid === current?.facts.cluster.uid;
        const isWriter = writers.some((writer) => writer.linkId === linkId);
        const expected = isWriter ? 'accepted' : isSame ? 'standby' : 'rejected';
        const told = bridge.told.get(linkId);
        if (told !== expected) wrongs.push(`${linkId} was told ${String(told)}, not ${expected}`);
      }
    }
    return wrongs;
  }

  /** Ends all bridges. */
  close(): void {
    for (const bridge of this.#bridges) bridge.die();
  }

  #isSettled(): boolean {
    return this.wrongs().length === 0;
  }

  #perform(move: SimMove): void {
    switch (move.kind) {
      case 'connect':
        this.#connect(move);
        return;
      case 'disconnect':
        this.#disconnect(move);
        return;
      case 'answer': {
        const [question] = this.#questions.splice(move.question % (this.#questions.length || 1), 1);
        if (question !== undefined) this.#answer(question, move.fate);
        return;
      }
      case 'answerAll':
        this.#answerAll();
        return;
      case 'pass':
        this.#pass(move.ms);
        return;
      default:
        this.#performOn(this.#bridge(move.bridge), move);
    }
  }

  #performOn(
    bridge: SimBridge,
    move: Extract<
      SimMove,
      { kind: 'setClock' | 'move' | 'commit' | 'pause' | 'resume' | 'restart' | 'kill' }
    >,
  ): void {
    switch (move.kind) {
      case 'setClock':
        bridge.clockErrorMs += move.byMs;
        return;
      case 'move':
        bridge.happens(() => bridge.registry.move(account, `uid-${move.uid}`));
        return;
      case 'commit':
        bridge.happens(() => {
          bridge.commit();
        });
        return;
      case 'pause':
        bridge.isPaused = !bridge.isDead;
        return;
      case 'resume':
        bridge.resume();
        return;
      case 'restart':
      case 'kill':
        bridge.die();
        if (move.kind === 'restart') this.#bridges[this.#bridges.indexOf(bridge)] = this.#start();
    }
  }

  #start(): SimBridge {
    this.#lives += 1;
    return new SimBridge(`life-${this.#lives}`, {
      database: this.#database,
      trueMs: () => this.#ms,
      ask: (question) => void this.#questions.push(question),
    });
  }

  #bridge(at: number): SimBridge {
    return this.#bridges[at % this.#bridges.length]!;
  }

  #connect({ bridge: at, agent, uid }: Extract<SimMove, { kind: 'connect' }>): void {
    const bridge = this.#bridge(at);
    if (bridge.isDead) return;
    this.#links += 1;
    const linkId = `link-${this.#links}`;
    const cluster = { server: '', certificateFingerprint: '', version: '', uid: `uid-${uid}` };
    const who = { agentId: `agent-${agent % 2}`, instanceId: `process-${agent}` };
    const offer: AccountOffer = { linkId, ...who, cluster, kinds: [], properties: {} };
    bridge.links.set(linkId, offer);
    bridge.happens(() => {
      bridge.registry.offer(account, offer);
    });
  }

  #disconnect({ bridge: at, link }: Extract<SimMove, { kind: 'disconnect' }>): void {
    const bridge = this.#bridge(at);
    const linkId = [...bridge.links.keys()][link];
    if (linkId === undefined) return;
    bridge.links.delete(linkId);
    bridge.happens(() => {
      bridge.registry.linkLost(linkId, 'lost');
    });
  }

  #pass(ms: number): void {
    this.#noticeFeeding();
    this.#ms += ms;
    for (const bridge of this.#bridges) bridge.fireTimers();
  }

  #answerAll(): void {
    for (const question of this.#questions.splice(0)) this.#answer(question, 'done');
  }

  /** What a bridge asked before it died may still be done: it was on its way. */
  #answer(question: SimQuestion, fate: SimFate): void {
    try {
      const value = fate === 'failed' ? undefined : question.execute();
      if (fate === 'done') question.answer(value);
      else question.fail(new Error('the database is away'));
    } catch (error: unknown) {
      this.#failure ??= error as Error;
    }
  }

  async #calm(): Promise<void> {
    await setImmediate();
    this.#noticeFeeding();
    this.#checkAlways();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Offers that are fed and whose writes the database would take. */
  #writers(): AccountOffer[] {
    const { current } = this.#database;
    const isFed = current?.state === 'feeding' || current?.state === 'disconnected';
    const grants = this.#bridges.flatMap(({ grants: all }) => [...all]);
    return grants.flatMap(([epoch, offer]) => (isFed && epoch === current.epoch ? [offer] : []));
  }

  #noticeFeeding(): void {
    const { current } = this.#database;
    const isFed = this.#bridges.some(
      ({ grants, isPaused }) => !isPaused && current !== undefined && grants.has(current.epoch),
    );
    if (isFed) this.#fedAtMs = this.#ms;
  }

  #checkAlways(): void {
    if (this.#writers().length > 1) throw new Error('two writers');
    for (const { grants } of this.#bridges) {
      for (const [epoch, { linkId }] of grants) {
        const before = this.#granted.get(epoch);
        if (before !== undefined && before !== linkId) throw new Error(`epoch ${epoch} twice`);
        this.#granted.set(epoch, linkId);
      }
    }
  }

  /** A whole grace period without a feeder, in one life of the bridge that removes. */
  #checkRemoval(bridgeId: string): void {
    const { current } = this.#database;
    const offers = this.#bridges.flatMap(({ links }) => [...links.values()]);
    const isOffered = offers.some(({ cluster }) => cluster.uid === current?.facts.cluster.uid);
    if (isOffered && this.#ms - this.#settlingSinceMs > noticeMs) {
      throw new Error('removed though it is offered');
    }
    const bridge = this.#bridges.find(({ id }) => id === bridgeId);
    // It died meanwhile, and its question was on its way: when it began is not known any more.
    const bornAtMs = bridge?.bornAtMs ?? -Infinity;
    const quietMs = this.#ms - Math.max(this.#fedAtMs, bornAtMs);
    if (quietMs < gracePeriodMs) throw new Error(`removed after ${quietMs} ms`);
  }
}
