/**
 * The agent's Prometheus metrics. Labels carry kinds, states and reasons of closed sets, never
 * names of accounts' objects.
 */
import type { DeltaKind, RelistReason, WatchObserver } from '@fairlead/watch-engine';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { AccountReport } from './account-session.ts';
import type { TunnelCounts } from './link-client.ts';
import type { GuardRefusal } from './api/guarded-api.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { AccountFeedingDeps } from './account-feeding.ts';

/** Where gauges read from when they are scraped. */
export interface MetricSources {
  /** Every account as it is now. */
  readonly reports: () => readonly AccountReport[];
  /** The memory budget. */
  readonly budget: ByteBudget;
  /** Tunnels of the bridge. */
  readonly tunnels: () => TunnelCounts;
}

const feedStates = [
  'discovering',
  'listing',
  'watching',
  'expired',
  'lost',
  'forbidden',
  'retired',
] as const;
const accountStates = [
  'identifying',
  'unlinked',
  'registering',
  'standby',
  'rejected',
  'feeding',
  'stopped',
] as const;

/** Every reason, so that each is scraped as 0 before it happens. */
const relistReasons: Readonly<Record<RelistReason, true>> = {
  expiredAtStart: true,
  expiredInWatch: true,
  expiredContinue: true,
  invalidResourceVersion: true,
  malformedEvent: true,
  emptyWatches: true,
  silentWatches: true,
  streamingListFailed: true,
  repair: true,
};

const guardRefusals: readonly GuardRefusal[] = [
  ...(['ambiguous', 'operations', 'form', 'withheld', 'ended'] as const),
];

const noTotals = {
  received: 0,
  sent: 0,
  coalesced: 0,
  oversized: 0,
  unscannable: 0,
  scrubbed: 0,
  kept: 0,
};
type Totals = typeof noTotals;

const noDeltas: Readonly<Record<DeltaKind, number>> = {
  init: 0,
  initApplied: 0,
  initKept: 0,
  initDone: 0,
  applied: 0,
  deleted: 0,
  checkpoint: 0,
};

/** Everything that is counted. */
export class AgentMetrics {
  /** 1 while the link is open. */
  readonly linkUp: Gauge;
  /** Links opened since the start. */
  readonly linkConnects: Counter;
  /** Links lost, and attempts that failed. */
  readonly linkFailures: Counter<'phase'>;
  /** 1 when the newest configuration files are in force. */
  readonly configValid: Gauge;
  /** Reloads by result. */
  readonly configReloads: Counter<'result'>;
  readonly #relists: Counter<'reason'>;
  readonly #refusals: Counter<'reason'>;
  readonly #starts: Counter<'mode'>;
  readonly #totals: Totals = { ...noTotals };
  readonly #deltas = new Map<string, Record<DeltaKind, number>>();
  readonly #registers: Registry[];

  constructor(registry: Registry) {
    this.#registers = [registry];
    this.linkUp = this.#gauge('link_up', '1 while the link to a bridge is open');
    this.linkConnects = this.#counter('link_connects_total', 'links opened');
    this.linkFailures = this.#counter('link_failures_total', 'links lost or not opened', ['phase']);
    for (const phase of ['open', 'connecting']) this.linkFailures.inc({ phase }, 0);
    this.configValid = this.#gauge('config_valid', '1 while the newest configuration is in force');
    this.configReloads = this.#counter('config_reloads_total', 'reloads by result', ['result']);
    for (const result of ['applied', 'rejected']) this.configReloads.inc({ result }, 0);
    this.#countDeltas();
    this.#total('received', 'bytes_received_total', 'bytes read from API servers');
    this.#total('sent', 'bytes_sent_total', 'bytes of batches sent, compressed');
    this.#total('coalesced', 'deltas_coalesced_total', 'unsent deltas replaced by newer ones');
    this.#total('oversized', 'oversized_objects_total', 'objects left out: larger than a batch');
    this.#total('unscannable', 'unscannable_objects_total', 'objects left out: not readable');
    this.#total('kept', 'kept_objects_total', 'objects of snapshots not sent: stored already');
    this.#total('scrubbed', 'scrubbed_values_total', 'values removed that must not leave');
    this.#relists = this.#counter('relists_total', 'feeds that had to list again', ['reason']);
    const refusals = 'requests of the gateway that were not done, or not to their end';
    this.#refusals = this.#counter('gateway_refusals_total', refusals, ['reason']);
    for (const reason of guardRefusals) this.#refusals.inc({ reason }, 0);
    this.#starts = this.#counter('feed_starts_total', 'feeds started', ['mode']);
    for (const mode of ['resume', 'list']) this.#starts.inc({ mode }, 0);
    for (const reason of Object.keys(relistReasons)) this.#relists.inc({ reason }, 0);
  }

  /** Gauges that are read when they are scraped. */
  observe({ reports, budget, tunnels }: MetricSources): void {
    this.#gauge('in_flight_bytes', 'bytes queued or sent and not acknowledged', [], (gauge) =>
      gauge.set(budget.usedBytes),
    );
    this.#gauge('in_flight_limit_bytes', 'the most that in_flight_bytes may be', [], (gauge) =>
      gauge.set(budget.limitBytes),
    );
    this.#gauge(
      'tunnels',
      'tunnels of the bridge: answering a request, or idle',
      ['state'],
      (gauge) => {
        const { busy, idle } = tunnels();
        gauge.set({ state: 'busy' }, busy);
        gauge.set({ state: 'idle' }, idle);
      },
    );
    this.#gauge('accounts', 'accounts by state', ['state'], (gauge) => {
      const states = reports().map((report) => report.state);
      for (const state of accountStates) gauge.set({ state }, countOf(states, state));
    });
    this.#gauge('feeds', 'feeds by state', ['state'], (gauge) => {
      const feeds = reports().flatMap((report) => report.feeds);
      const states = feeds.map((feed) => feed.status.state);
      for (const state of feedStates) gauge.set({ state }, countOf(states, state));
    });
  }

  /** Counts what feeds send. */
  senderObserver(): AccountFeedingDeps['observer'] {
    const totals = this.#totals;
    return {
      coalesced: () => void (totals.coalesced += 1),
      oversized: () => void (totals.oversized += 1),
      kept: (objects) => void (totals.kept += objects),
    };
  }

  /** A request of the gateway was not done. */
  apiRefused(reason: GuardRefusal): void {
    this.#refusals.inc({ reason });
  }

  /** A piece of a batch goes out. */
  batchPartSent(bytes: number): void {
    this.#totals.sent += bytes;
  }

  /** Counts what the watch engine tells. */
  watchObserver(): Omit<WatchObserver, 'transition' | 'discovered' | 'discoveryFailed'> {
    const totals = this.#totals;
    return {
      delta: (feed, type) => void (this.#deltasOf(feed.kind)[type] += 1),
      received: (_feed, bytes) => void (totals.received += bytes),
      started: (_feed, mode) => this.#starts.inc({ mode }),
      relisted: (_feed, reason) => this.#relists.inc({ reason }),
      unscannable: () => void (totals.unscannable += 1),
      scrubbed: (_feed, values) => void (totals.scrubbed += values),
    };
  }

  #deltasOf(kind: string): Record<DeltaKind, number> {
    const known = this.#deltas.get(kind);
    if (known !== undefined) return known;
    const made = { ...noDeltas };
    this.#deltas.set(kind, made);
    return made;
  }

  /** Summed up in plain numbers, since a label costs more than the delta; read when scraped. */
  #countDeltas(): void {
    const deltas = this.#deltas;
    new Counter({
      name: 'fairlead_agent_deltas_total',
      help: 'deltas read from clusters',
      labelNames: ['kind', 'type'],
      registers: this.#registers,
      collect() {
        this.reset();
        for (const [kind, counts] of deltas) {
          for (const [type, count] of Object.entries(counts)) {
            if (count > 0) this.inc({ kind, type }, count);
          }
        }
      },
    });
  }

  #total(of: keyof Totals, name: string, help: string): void {
    const totals = this.#totals;
    new Counter({
      name: `fairlead_agent_${name}`,
      help,
      registers: this.#registers,
      collect() {
        this.reset();
        this.inc(totals[of]);
      },
    });
  }

  #counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({
      name: `fairlead_agent_${name}`,
      help,
      labelNames,
      registers: this.#registers,
    });
  }

  #gauge<L extends string = never>(
    name: string,
    help: string,
    labelNames: L[] = [],
    collect?: (gauge: Gauge<L>) => void,
  ): Gauge<L> {
    return new Gauge({
      name: `fairlead_agent_${name}`,
      help,
      labelNames,
      registers: this.#registers,
      ...(collect === undefined
        ? {}
        : {
            collect(this: Gauge<L>) {
              collect(this);
            },
          }),
    });
  }
}

function countOf(states: readonly string[], state: string): number {
  return states.filter((candidate) => candidate === state).length;
}
