/**
 * The agent's Prometheus metrics. Labels carry kinds, states and reasons of closed sets, never
 * names of accounts' objects.
 */
import type { RelistReason, WatchObserver } from '@fairlead/watch-engine';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { AccountReport } from './account-session.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { FeedSenderObserver } from './feed-sender.ts';

/** Where gauges read from when they are scraped. */
export interface MetricSources {
  /** Every account as it is now. */
  readonly reports: () => readonly AccountReport[];
  /** The memory budget. */
  readonly budget: ByteBudget;
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
  emptyWatches: true,
  silentWatches: true,
  streamingListFailed: true,
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
  readonly #deltas: Counter<'kind' | 'type'>;
  readonly #received: Counter;
  readonly #sent: Counter;
  readonly #coalesced: Counter;
  readonly #oversized: Counter;
  readonly #unscannable: Counter;
  readonly #relists: Counter<'reason'>;
  readonly #starts: Counter<'mode'>;
  readonly #scrubbed: Counter;
  readonly #registers: Registry[];

  constructor(registry: Registry) {
    this.#registers = [registry];
    this.linkUp = this.#gauge('link_up', '1 while the link to a bridge is open');
    this.linkConnects = this.#counter('link_connects_total', 'links opened');
    this.linkFailures = this.#counter('link_failures_total', 'links lost or not opened', ['phase']);
    this.configValid = this.#gauge('config_valid', '1 while the newest configuration is in force');
    this.configReloads = this.#counter('config_reloads_total', 'reloads by result', ['result']);
    this.#deltas = this.#counter('deltas_total', 'deltas read from clusters', ['kind', 'type']);
    this.#received = this.#counter('bytes_received_total', 'bytes read from API servers');
    this.#sent = this.#counter('bytes_sent_total', 'bytes of batches sent, compressed');
    this.#coalesced = this.#counter(
      'deltas_coalesced_total',
      'unsent deltas replaced by newer ones',
    );
    this.#oversized = this.#counter(
      'oversized_objects_total',
      'objects left out: larger than a batch',
    );
    this.#unscannable = this.#counter(
      'unscannable_objects_total',
      'objects left out: not readable',
    );
    this.#relists = this.#counter('relists_total', 'feeds that had to list again', ['reason']);
    this.#starts = this.#counter('feed_starts_total', 'feeds started', ['mode']);
    this.#scrubbed = this.#counter('scrubbed_values_total', 'Secret values removed');
    for (const mode of ['resume', 'list']) this.#starts.inc({ mode }, 0);
    for (const reason of Object.keys(relistReasons)) this.#relists.inc({ reason }, 0);
  }

  /** Gauges that are read when they are scraped. */
  observe({ reports, budget }: MetricSources): void {
    this.#gauge('in_flight_bytes', 'bytes queued or sent and not acknowledged', [], (gauge) =>
      gauge.set(budget.usedBytes),
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
  senderObserver(): FeedSenderObserver {
    return {
      sent: (bytes) => this.#sent.inc(bytes),
      coalesced: () => this.#coalesced.inc(),
      oversized: () => this.#oversized.inc(),
    };
  }

  /** Counts what the watch engine tells. */
  watchObserver(): Omit<WatchObserver, 'transition' | 'discovered' | 'discoveryFailed'> {
    return {
      delta: (feed, type) => this.#deltas.inc({ kind: feed.kind, type }),
      received: (_feed, bytes) => this.#received.inc(bytes),
      started: (_feed, mode) => this.#starts.inc({ mode }),
      relisted: (_feed, reason) => this.#relists.inc({ reason }),
      unscannable: () => this.#unscannable.inc(),
      scrubbed: (_feed, values) => this.#scrubbed.inc(values),
    };
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
