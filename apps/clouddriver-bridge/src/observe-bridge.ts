/** Turns what happens in the bridge and in the database into logs, metrics and health. */
import { type HealthRegistry, type Logger } from '@fairlead/service-kit';
import { type DefinitionOutcome, type SqlObserver } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import { type BridgeMetrics } from './metrics.ts';
import { type RowCounts } from './row-counts.ts';

/** Where it goes. */
export interface ObserverDeps {
  /** Log. */
  readonly log: Logger;
  /** Metrics. */
  readonly metrics: BridgeMetrics;
  /** Probes. */
  readonly health: HealthRegistry;
  /** Rows per account. */
  readonly counts: RowCounts;
  /** Which database, see `databasePlace`. */
  readonly database: string;
  /** Time. */
  readonly clock: { nowMs(): number };
}

/** Whether the database answers; stated anew by `watchDatabase`. */
export const databaseCondition = 'database';
/** Whether the database takes what is written. */
const writesCondition = 'database writes';

/** After this many attempts in a row a passing trouble is one that people should see. */
const noticeableAttempts = 3;

/** The same reason to wait, which comes every second, is logged again after this time. */
const sameReasonMs = 60_000;

/** What the database tells. */
export function observeDatabase(deps: ObserverDeps): SqlObserver {
  const { log, metrics, clock } = deps;
  let told = { reason: '', atMs: -Infinity };
  return {
    waiting: (reason) => {
      databaseFails(deps, reason);
      const nowMs = clock.nowMs();
      if (reason === told.reason && nowMs - told.atMs < sameReasonMs) return;
      told = { reason, atMs: nowMs };
      log.warn({ reason, database: deps.database }, 'waiting for the database');
    },
    retrying: ({ operation, reason, attempt, delayMs }) => {
      metrics.sqlRetries.inc({ reason });
      if (attempt < noticeableAttempts) return;
      databaseFails(deps, `${operation}: ${reason}, tried ${attempt} times`);
      log.warn({ operation, reason, attempt, delayMs }, 'the database does not answer');
    },
    timed: ({ statement, elapsedMs }) => {
      metrics.sqlSeconds.observe({ statement }, elapsedMs / 1000);
    },
    relationsLeftOut: ({ count }) => {
      log.warn({ count }, 'relations to types that no table may be made for were left out');
    },
  };
}

/** What the bridge itself tells. */
export function observeBridge(deps: ObserverDeps): BridgeEvents {
  const { log, metrics, health, counts, clock } = deps;
  // As many lines as requests, each of fields that hold no secret: looking for some costs 10 us.
  const audit = log.child({ audit: 'gateway' }, { redact: [] });
  return {
    linkOpened: ({ linkId, hello, identity }) => {
      const { agentId, instanceId, agentVersion, zone } = hello ?? {};
      const by = identity.description;
      log.info({ linkId, agentId, instanceId, agentVersion, zone, by }, 'link opened');
    },
    linkClosed: ({ linkId, agentId }, reason) =>
      log.info({ linkId, agentId, reason }, 'link closed'),
    linkUnauthenticated: (peer, { kind, reason }) => {
      metrics.refusedLinks.inc();
      metrics.refusedConnections.inc({ door: 'agents', reason: kind });
      if (kind === 'limited') return;
      log.warn({ peer, reason }, 'link refused');
    },
    clientRefused: ({ reason, remoteAddress, detail }) => {
      metrics.refusedConnections.inc({ door: 'clients', reason });
      // As many lines as somebody sends requests: those are counted alone.
      if (reason === 'limited') return;
      log.warn({ remoteAddress, reason, detail }, 'client refused');
    },
    connectionRefused: (door, reason) => metrics.refusedConnections.inc({ door, reason }),
    certificatesRead: (error) => {
      if (error === undefined) log.info("the HTTP port's certificates are new");
      else
        log.error({ reason: messageOf(error) }, "the HTTP port's certificates stay as they were");
    },
    windowsNotWidened: () =>
      log.warn('receive windows could not be widened: agents that are far away send slowly'),
    accountAccepted: (account, agentId, epoch) =>
      log.info({ account, agentId, epoch }, 'account is fed'),
    accountStandby: (account, linkId, reason) =>
      log.info({ account, linkId, reason }, 'account stands by'),
    accountRejected: (account, agentId, reason) =>
      log.warn({ account, agentId, reason }, 'account rejected'),
    accountRevoked: (account, epoch, reason) =>
      log.info({ account, epoch, reason }, 'account is fed no longer'),
    accountMoved: (account, from, to) => {
      if (to === 'unclaimed' || from === 'moving') counts.forget(account);
      log.debug({ account, from, to }, 'account moved');
    },
    moveAsked: ({ outcome, ...move }) =>
      log.warn({ ...move, outcome }, 'a client asks to give an account name to another cluster'),
    storeFailed: (account, error, retryInMs) => {
      const reason = messageOf(error);
      databaseFails(deps, reason);
      log.warn({ account, reason, retryInMs }, 'the database did not answer');
    },
    unitCommitted: (account, { result, deltas, outdated, readAtMs }) => {
      health.set(writesCondition, { impact: 'readiness', isHealthy: true, reason: '' });
      metrics.committed.inc(deltas);
      metrics.outdated.inc(outdated);
      for (const kind of ['inserted', 'updated', 'unchanged', 'deleted'] as const) {
        metrics.rowsWritten.inc({ result: kind }, result[kind]);
      }
      const nowMs = clock.nowMs();
      // Two machines' clocks: a delta is never committed before it was read.
      for (const each of readAtMs) metrics.latency.observe(Math.max(0, nowMs - each) / 1000);
      counts.add(account, result.inserted - result.deleted);
    },
    putAside: (letter, fate) => {
      const { id, account, type: kind, namespace, name: object, uid, reason, message } = letter;
      const facts = { account, kind, namespace, object, uid, reason, message, deadLetter: id };
      if (fate === 'kept') log.error(facts, 'object put aside');
      else log.error(facts, 'object put aside without a dead letter: the account has too many');
      if (fate === 'notKept') metrics.deadLettersNotKept.inc();
    },
    databaseRefuses: (account, reason) => {
      health.set(writesCondition, { impact: 'readiness', isHealthy: false, reason });
      log.error({ account, reason }, 'the database refuses every transaction');
    },
    fenced: (account, epoch) => {
      metrics.fencedWrites.inc();
      log.warn({ account, epoch }, 'write was too late: somebody else feeds the account');
    },
    commitsLost: (account) => {
      metrics.commitsLost.inc();
      log.warn(
        { account },
        'the database has lost commits: the account begins again at its checkpoints',
      );
    },
    definitionStored: (account, outcome) => {
      const level = outcome === 'foreign' || outcome === 'noTable' ? 'warn' : 'info';
      log[level]({ account, outcome }, definitionMessages[outcome]);
    },
    definitionFailed: (account, reason) =>
      log.error({ account, reason }, 'Clouddriver is not told of the account'),
    locksFailed: (reason) =>
      log.error({ reason }, "Clouddriver's caching agents may run: their locks are not held"),
    locksDisturbed: (account) =>
      log.warn({ account }, 'Clouddriver has changed locks: its own agent may have run'),
    feedVerified: (account, kind, outcome) => {
      metrics.verifications.inc({ result: outcome.kind });
      if (outcome.kind === 'equal') return;
      const { kind: result, ...facts } = outcome;
      if (outcome.kind === 'repaired') {
        for (const each of ['inserted', 'updated', 'deleted'] as const) {
          metrics.repairedRows.inc({ result: each }, outcome.rows[each]);
        }
        const { rows } = outcome;
        log.warn({ account, kind, ...rows }, 'rows were not what the cluster holds: repaired');
      } else if (outcome.kind === 'failed') {
        log.info({ account, kind, ...facts }, 'rows could not be compared with the cluster');
      } else log.debug({ account, kind, result }, 'rows differ in what cannot be repaired');
    },
    offerFailed: (account, kind, error) =>
      log.warn({ account, kind, reason: messageOf(error) }, 'a snapshot comes whole'),
    gatewayAnswered: (entry) => {
      metrics.gatewayRequests.inc({ code: String(entry.status) });
      metrics.gatewaySeconds.observe(entry.durationMs / 1000);
      audit.info(entry, 'request to a cluster');
    },
    peerRefused: (peer, reason) => log.warn({ peer, reason }, 'bridge refused'),
    peerUnreachable: (peer, error) =>
      log.warn({ peer, reason: messageOf(error) }, 'another bridge cannot be reached'),
    discoveryAnswered: (result) => metrics.discoveryAnswers.inc({ result }),
    cacheRead: ({ verb, status }) => metrics.cacheReads.inc({ verb, code: String(status) }),
    journalFailed: (account, type, error) =>
      log.error({ account, type, err: error }, 'readers of the cache were sent away'),
    writtenAhead: (fate) => metrics.writtenAhead.inc({ fate }),
    gatewayFailed: (error) => log.error({ err: error }, 'request to a cluster failed here'),
    writerFailed: (account, error) => log.error({ account, err: error }, 'writer failed'),
  };
}

/** States in the probes that the database does not answer, and which one. */
export function databaseFails(
  { health, database }: Pick<ObserverDeps, 'health' | 'database'>,
  why: string,
): void {
  const reason = `${why} (${database})`;
  health.set(databaseCondition, { impact: 'readiness', isHealthy: false, reason });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const definitionMessages: Readonly<Record<DefinitionOutcome, string>> = {
  created: 'Clouddriver is told of the account',
  changed: "the account's definition for Clouddriver has changed",
  unchanged: 'Clouddriver knows the account as it is',
  foreign: "the account's definition for Clouddriver is somebody else's, and was left alone",
  noTable: 'Clouddriver has no table for definitions of accounts (yet)',
};
