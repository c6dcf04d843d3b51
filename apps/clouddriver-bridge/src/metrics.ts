/**
 * What the bridge counts. Names are promises to dashboards; labels never carry object names.
 * What is read at each scrape stands in `bridge-gauges.ts`.
 */
import { transientReasons } from '@fairlead/sql-cache';
import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * From a commit on the same machine to minutes behind an outage. Fine up to 50 ms, where the promised
 * quantiles lie: clocks count whole milliseconds, so nothing finer could be told apart.
 */
const latencyBuckets = [
  ...[0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.012, 0.015, 0.02, 0.025, 0.03],
  ...[0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
];
const statementBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

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

const rowResults = ['inserted', 'updated', 'unchanged', 'deleted'];
const repairResults = ['inserted', 'updated', 'deleted'];
const verificationResults = ['equal', 'repaired', 'sameDifference', 'failed'];
const discoveryResults = ['hit', 'miss', 'revalidated', 'changed', 'failed'];

/** What clients of the gateway are told mostly, so that dashboards see a 0. */
const usualCodes = [
  '200',
  '201',
  '400',
  '401',
  '403',
  '404',
  '409',
  '499',
  '500',
  '502',
  '503',
  '504',
];

/** All metrics of a bridge. */
export type BridgeMetrics = ReturnType<typeof createBridgeMetrics>;

/** Registers everything. */
export function createBridgeMetrics(registry: Registry) {
  const counters = createCounters(registry);
  startAtZero(counters);
  return { ...counters, ...createHistograms(registry) };
}

function name(suffix: string): string {
  return `fairlead_bridge_${suffix}`;
}

function createCounters(registry: Registry) {
  const registers = [registry];
  return {
    dropped: new Counter({
      name: name('deltas_dropped_total'),
      help: 'Deltas that were received and thrown away. Always 0: nothing here ever adds to it.',
      registers,
    }),
    committed: new Counter({
      name: name('deltas_committed_total'),
      help: 'Deltas whose transaction has committed.',
      registers,
    }),
    writtenAhead: new Counter({
      name: name('written_ahead_total'),
      help: 'Objects that clients wrote through the gateway, by what became of them in SQL at once.',
      labelNames: ['fate'] as const,
      registers,
    }),
    outdated: new Counter({
      name: name('deltas_outdated_total'),
      help: 'Deltas that were older than their row, which had been written ahead of the feed.',
      registers,
    }),
    rowsWritten: new Counter({
      name: name('rows_written_total'),
      help: 'Rows by what became of them: inserted, updated, unchanged, deleted.',
      labelNames: ['result'] as const,
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
    commitsLost: new Counter({
      name: name('commits_lost_total'),
      help: 'Times that the database had lost commits of an account, which was then fed anew.',
      registers,
    }),
    repairedRows: new Counter({
      name: name('repaired_rows_total'),
      help: 'Rows that were not what the cluster holds and were put right: inserted, updated, deleted.',
      labelNames: ['result'] as const,
      registers,
    }),
    verifications: new Counter({
      name: name('verifications_total'),
      help: 'Comparisons of a feed with its cluster: equal, repaired, sameDifference, failed.',
      labelNames: ['result'] as const,
      registers,
    }),
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
    refusedConnections: new Counter({
      name: name('refused_connections_total'),
      help: 'What was not let in or was thrown out, by door (agents, clients) and reason.',
      labelNames: ['door', 'reason'] as const,
      registers,
    }),
    refusedLinks: new Counter({
      name: name('refused_links_total'),
      help: 'Links refused because nobody knows the agent.',
      registers,
    }),
  };
}

function createHistograms(registry: Registry) {
  const registers = [registry];
  return {
    latency: new Histogram({
      name: name('delta_latency_seconds'),
      help: 'From the moment an agent has read a change until it is committed (two clocks).',
      buckets: latencyBuckets,
      registers,
    }),
    sqlSeconds: new Histogram({
      name: name('sql_seconds'),
      help: 'Duration of statements, and of whole transactions as "commit".',
      labelNames: ['statement'] as const,
      buckets: statementBuckets,
      registers,
    }),
    gatewaySeconds: new Histogram({
      name: name('gateway_seconds'),
      help: 'From the head of a request to the end of its answer; watches and connections last long.',
      buckets: statementBuckets,
      registers,
    }),
  };
}

type Counters = ReturnType<typeof createCounters>;

/** What is counted by a closed set of labels is there before it happens: a rate needs what was before. */
function startAtZero(counters: Counters): void {
  for (const reason of transientReasons) counters.sqlRetries.inc({ reason }, 0);
  for (const fate of aheadFates) counters.writtenAhead.inc({ fate }, 0);
  for (const code of usualCodes) counters.gatewayRequests.inc({ code }, 0);
  for (const result of rowResults) counters.rowsWritten.inc({ result }, 0);
  for (const result of repairResults) counters.repairedRows.inc({ result }, 0);
  for (const result of verificationResults) counters.verifications.inc({ result }, 0);
  for (const result of discoveryResults) counters.discoveryAnswers.inc({ result }, 0);
  for (const [door, reasons] of Object.entries(refusalReasons)) {
    for (const reason of reasons) counters.refusedConnections.inc({ door, reason }, 0);
  }
}
