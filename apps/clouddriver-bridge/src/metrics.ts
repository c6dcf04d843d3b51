/** The bridge's metrics. Names are promises to dashboards; labels never carry object names. */
import { type TunnelCounts } from './gateway/tunnels.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * From a commit on the same machine to minutes behind an outage. Fine up to 50 ms, where the promised
 * quantiles lie: clocks count whole milliseconds, so nothing finer could be told apart.
 */
const latencyBuckets = [
  ...[0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.012, 0.015, 0.02, 0.025, 0.03],
  ...[0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
];
const statementBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Reasons that there are, so that dashboards see a 0: of objects, and of rows. */
const deadLetterReasons = ['invalidJson', 'missingField', 'otherKind', 'notRead', 'refused'];

/** Why somebody is refused at each door, so that dashboards see a 0. */
const refusalReasons = {
  agents: [
    ...['unknown', 'limited', 'unavailable', 'tls', 'slow', 'malformed', 'messageSize'],
    ...['protocol', 'tooManyLinks', 'tooManyAccounts', 'tooManyFeeds'],
  ],
  clients: ['unknown', 'limited', 'unavailable', 'tls', 'slow', 'headerSize', 'malformed'],
};

/** What may become of an object that a client has written, so that dashboards see a 0. */
const aheadFates = ['committed', 'passed', 'putAside', 'later', 'unread'];

/** What is measured at the moment of a scrape. */
export interface BridgeGauges {
  /** Open links. */
  links(): number;
  /** Accounts by state. */
  accounts(): ReadonlyMap<string, number>;
  /** How far each fed account is behind, ms. */
  lagMs(): ReadonlyMap<string, number>;
  /** Tunnels to agents by what they do. */
  tunnels(): TunnelCounts;
  /** Bytes that came from agents and are not committed. */
  heldBytes(): number;
  /** Bytes kept of answers of discovery, and remembered of changes. */
  rememberedBytes(): { readonly discovery: number; readonly changes: number };
  /** Dead letters in the database by reason, over all accounts and bridges. Never rejects. */
  deadLetters(): Promise<ReadonlyMap<string, number>>;
}

/** All metrics of a bridge. */
export type BridgeMetrics = ReturnType<typeof createBridgeMetrics>;

/** Registers everything. */
export function createBridgeMetrics(registry: Registry) {
  const registers = [registry];
  const name = (suffix: string) => `fairlead_bridge_${suffix}`;
  const dropped = new Counter({
    name: name('deltas_dropped_total'),
    help: 'Deltas that were received and thrown away. Always 0: nothing here ever adds to it.',
    registers,
  });
  dropped.inc(0);
  const repairedRows = new Counter({
    name: name('repaired_rows_total'),
    help: 'Rows that were not what the cluster holds and were put right: inserted, updated, deleted.',
    labelNames: ['result'] as const,
    registers,
  });
  for (const result of ['inserted', 'updated', 'deleted']) repairedRows.inc({ result }, 0);
  const verifications = new Counter({
    name: name('verifications_total'),
    help: 'Comparisons of a feed with its cluster: equal, repaired, sameDifference, failed.',
    labelNames: ['result'] as const,
    registers,
  });
  for (const result of ['equal', 'repaired', 'sameDifference', 'failed']) {
    verifications.inc({ result }, 0);
  }
  const refusedConnections = new Counter({
    name: name('refused_connections_total'),
    help: 'What was not let in or was thrown out, by door (agents, clients) and reason.',
    labelNames: ['door', 'reason'] as const,
    registers,
  });
  for (const [door, reasons] of Object.entries(refusalReasons)) {
    for (const reason of reasons) refusedConnections.inc({ door, reason }, 0);
  }
  const writtenAhead = new Counter({
    name: name('written_ahead_total'),
    help: 'Objects that clients wrote through the gateway, by what became of them in SQL at once.',
    labelNames: ['fate'] as const,
    registers,
  });
  for (const fate of aheadFates) writtenAhead.inc({ fate }, 0);
  return {
    dropped,
    committed: new Counter({
      name: name('deltas_committed_total'),
      help: 'Deltas whose transaction has committed.',
      registers,
    }),
    writtenAhead,
    outdated: new Counter({
      name: name('deltas_outdated_total'),
      help: 'Deltas that were older than their row, which had been written ahead of the feed.',
      registers,
    }),
    latency: new Histogram({
      name: name('delta_latency_seconds'),
      help: 'From the moment an agent has read a change until it is committed (two clocks).',
      buckets: latencyBuckets,
      registers,
    }),
    rowsWritten: new Counter({
      name: name('rows_written_total'),
      help: 'Rows by what became of them: inserted, updated, unchanged, deleted.',
      labelNames: ['result'] as const,
      registers,
    }),
    sqlSeconds: new Histogram({
      name: name('sql_seconds'),
      help: 'Duration of statements, and of whole transactions as "commit".',
      labelNames: ['statement'] as const,
      buckets: statementBuckets,
      registers,
    }),
    sqlRetries: new Counter({
      name: name('sql_retries_total'),
      help: 'Work done again because of a passing trouble of the database.',
      labelNames: ['reason'] as const,
      registers,
    }),
    deadLettersNotKept: new Counter({
      name: name('dead_letters_not_kept_total'),
      help: 'Objects put aside without a dead letter, since their account has too many of them.',
      registers,
    }),
    fencedWrites: new Counter({
      name: name('fenced_writes_total'),
      help: 'Transactions refused because somebody else feeds the account by now.',
      registers,
    }),
    repairedRows,
    verifications,
    discoveryAnswers: new Counter({
      name: name('discovery_answers_total'),
      help: 'Questions about what clusters offer: hit, miss, revalidated, changed, failed.',
      labelNames: ['result'] as const,
      registers,
    }),
    cacheReads: new Counter({
      name: name('cache_reads_total'),
      help: 'Reads of clusters that were to be answered from SQL, by verb and status.',
      labelNames: ['verb', 'code'] as const,
      registers,
    }),
    gatewayRequests: new Counter({
      name: name('gateway_requests_total'),
      help: 'Requests to clusters that were answered, by HTTP status; 499: the client had gone.',
      labelNames: ['code'] as const,
      registers,
    }),
    gatewaySeconds: new Histogram({
      name: name('gateway_seconds'),
      help: 'From the head of a request to the end of its answer; watches and connections last long.',
      buckets: statementBuckets,
      registers,
    }),
    refusedConnections,
    refusedLinks: new Counter({
      name: name('refused_links_total'),
      help: 'Links refused because nobody knows the agent.',
      registers,
    }),
  };
}

/** Registers what is read at each scrape. */
export function registerBridgeGauges(registry: Registry, read: BridgeGauges): void {
  const registers = [registry];
  new Gauge({
    name: 'fairlead_bridge_links',
    help: 'Open links.',
    registers,
    collect() {
      this.set(read.links());
    },
  });
  new Gauge({
    name: 'fairlead_bridge_accounts',
    help: 'Accounts by state.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      this.reset();
      for (const [state, count] of read.accounts()) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'fairlead_bridge_feed_lag_seconds',
    help: 'How far the slowest feed of each account is behind.',
    labelNames: ['account'] as const,
    registers,
    collect() {
      this.reset();
      for (const [account, lagMs] of read.lagMs()) this.set({ account }, lagMs / 1000);
    },
  });
  new Gauge({
    name: 'fairlead_bridge_dead_letters',
    help: 'Objects put aside, since they cannot become a row or be stored; as the database has them.',
    labelNames: ['reason'] as const,
    registers,
    async collect() {
      const counts = await read.deadLetters();
      this.reset();
      for (const reason of deadLetterReasons) this.set({ reason }, 0);
      for (const [reason, count] of counts) this.set({ reason }, count);
    },
  });
  new Gauge({
    name: 'fairlead_bridge_tunnels',
    help: 'Tunnels to agents: busy with a request, or idle and ready for one.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const { busy, idle } = read.tunnels();
      this.set({ state: 'busy' }, busy);
      this.set({ state: 'idle' }, idle);
    },
  });
  new Gauge({
    name: 'fairlead_bridge_remembered_bytes',
    help: 'Bytes kept to answer for clusters: of discovery, and of changes for readers of the cache.',
    labelNames: ['of'] as const,
    registers,
    collect() {
      const { discovery, changes } = read.rememberedBytes();
      this.set({ of: 'discovery' }, discovery);
      this.set({ of: 'changes' }, changes);
    },
  });
  new Gauge({
    name: 'fairlead_bridge_held_bytes',
    help: 'Bytes received from agents and not yet committed, before compression.',
    registers,
    collect() {
      this.set(read.heldBytes());
    },
  });
}
