/**
 * Agents come, go and return in any order, on two bridges over one database; the database answers
 * late. Whatever happens: one writer per epoch, and nobody is forgotten.
 */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { stepAccount } from '../src/account-machine.ts';
import {
  unclaimed,
  type AccountEffect,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type StoredFacts,
} from '../src/account-state.ts';

const config = { gracePeriodMs: 100 };
type Bare<I> = I extends unknown ? Omit<I, 'nowMs'> : never;
type StoredEffect = Extract<AccountEffect, { kind: 'takeOver' | 'removeAccount' | 'reload' }>;

/** The database, as far as the rules need it. */
class Database {
  account: StoredFacts | undefined;
  lastEpoch = 0;
  lastCommittedAtMs = 0;
}

/** One bridge: the machine, its store steps in flight, and what its agents were told. */
class Bridge {
  state: AccountState = unclaimed;
  readonly pending: StoredEffect[] = [];
  readonly answered = new Map<string, string>();
  readonly offers = new Map<string, AccountOffer>();
  grants = new Map<number, string>();
  graceAtMs: number | undefined;

  readonly database: Database;
  readonly writers: Map<number, string>;

  constructor(database: Database, writers: Map<number, string>) {
    this.database = database;
    this.writers = writers;
  }

  input(input: Bare<AccountInput>, nowMs: number): void {
    const step = stepAccount(this.state, { ...input, nowMs }, config);
    this.state = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: AccountEffect): void {
    switch (effect.kind) {
      case 'accepted': {
        expect(this.writers.get(effect.epoch)).toBeUndefined();
        expect(this.grants.size).toBe(0);
        this.writers.set(effect.epoch, effect.offer.linkId);
        this.grants.set(effect.epoch, effect.offer.linkId);
        this.answered.set(effect.offer.linkId, 'accepted');
        return;
      }
      case 'revoked':
        expect(this.grants.get(effect.epoch)).toBe(effect.offer.linkId);
        this.grants.delete(effect.epoch);
        this.answered.set(effect.offer.linkId, 'revoked');
        return;
      case 'standby':
      case 'rejected':
        this.answered.set(effect.offer.linkId, effect.kind);
        return;
      case 'startGrace':
        this.graceAtMs = effect.deadlineMs;
        return;
      case 'stopGrace':
        this.graceAtMs = undefined;
        return;
      case 'recordDisconnected':
        return;
      default:
        expect(this.pending).toHaveLength(0);
        this.pending.push(effect);
    }
  }

  /** The store carries out what it was asked and answers. */
  storeAnswers(nowMs: number): void {
    const effect = this.pending.shift();
    if (effect === undefined) return;
    const { database } = this;
    const current = database.account;
    if (effect.kind === 'reload') {
      this.input({ kind: 'reloaded', current }, nowMs);
      return;
    }
    if (effect.kind === 'removeAccount') {
      const isMine = current?.epoch === effect.epoch;
      if (isMine) database.account = undefined;
      this.input(isMine ? { kind: 'removed' } : { kind: 'removalLost', current }, nowMs);
      return;
    }
    if ((current?.epoch ?? 0) !== effect.expectedEpoch) {
      this.input({ kind: 'takeOverLost', current }, nowMs);
      return;
    }
    database.lastEpoch += 1;
    database.account = { ...effect.facts, epoch: database.lastEpoch };
    this.input({ kind: 'tookOver', epoch: database.lastEpoch }, nowMs);
  }

  /** The feeder writes; the database refuses if its epoch is old. */
  commits(nowMs: number): void {
    const [grant] = this.grants.keys();
    if (grant === undefined) return;
    if (this.database.account?.epoch === grant) this.database.lastCommittedAtMs = nowMs;
    else this.input({ kind: 'fenced', epoch: grant }, nowMs);
  }

  graceElapses(nowMs: number): void {
    if (this.graceAtMs === undefined || this.graceAtMs > nowMs) return;
    this.graceAtMs = undefined;
    const { lastCommittedAtMs } = this.database;
    this.input({ kind: 'graceElapsed', lastCommittedAtMs }, nowMs);
  }
}

type Move =
  | { kind: 'offer'; bridge: number; agent: number; uid: number }
  | { kind: 'leave'; bridge: number; which: number }
  | { kind: 'store' | 'commit' | 'time'; bridge: number };

const aBridge = fc.nat(1);
const aMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constant('offer' as const),
    bridge: aBridge,
    agent: fc.nat(3),
    uid: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('leave' as const), bridge: aBridge, which: fc.nat(5) }),
  fc.record({ kind: fc.constantFrom('store', 'store', 'commit', 'time'), bridge: aBridge }),
);

function play(moves: readonly Move[]): Bridge[] {
  const database = new Database();
  const writers = new Map<number, string>();
  const bridges = [new Bridge(database, writers), new Bridge(database, writers)];
  let nowMs = 1000;
  for (const [index, move] of moves.entries()) {
    const bridge = bridges[move.bridge]!;
    nowMs += 7;
    if (move.kind === 'offer') {
      const linkId = `link-${index}`;
      const uid = `uid-${move.uid}`;
      const cluster = { server: '', certificateFingerprint: '', version: '', uid };
      const offer = { linkId, agentId: `agent-${move.agent}`, cluster, kinds: [], properties: {} };
      bridge.offers.set(linkId, offer);
      bridge.input({ kind: 'offered', offer }, nowMs);
    } else if (move.kind === 'leave') {
      const linkId = [...bridge.offers.keys()][move.which];
      if (linkId === undefined) continue;
      bridge.offers.delete(linkId);
      bridge.input({ kind: 'left', linkId, reason: 'lost' }, nowMs);
    } else if (move.kind === 'store') bridge.storeAnswers(nowMs);
    else if (move.kind === 'commit') bridge.commits(nowMs);
    else {
      nowMs += 40;
      for (const each of bridges) each.graceElapses(nowMs);
    }
    checkAlways(bridges);
  }
  settle(bridges, nowMs);
  return bridges;
}

function checkAlways(bridges: readonly Bridge[]): void {
  for (const { state, offers } of bridges) {
    const named = offersIn(state);
    expect(new Set(named).size).toBe(named.length);
    // Every live offer is somewhere in the state, and no dead one is.
    expect([...named].sort()).toEqual([...offers.keys()].sort());
  }
}

function offersIn(state: AccountState): string[] {
  if (state.kind === 'unclaimed') return [];
  const waiting = state.waiting.map((each) => each.offer.linkId);
  // The same link may wait with a newer offer while its older one is being decided.
  if (state.kind === 'claiming') return [...new Set([state.claimant.linkId, ...waiting])];
  return state.kind === 'feeding' ? [state.feeder.linkId, ...waiting] : waiting;
}

/** Everybody finishes what was begun; feeders go on committing; grace periods run out. */
function settle(bridges: readonly Bridge[], fromMs: number): void {
  for (let round = 0; round < 60; round += 1) {
    const nowMs = fromMs + round * 50;
    for (const bridge of bridges) {
      for (let steps = 0; steps < 10; steps += 1) bridge.storeAnswers(nowMs);
      bridge.commits(nowMs);
      bridge.graceElapses(nowMs);
    }
  }
}

describe('any order of events', () => {
  it('keeps one writer per epoch and leaves nobody without an answer', () => {
    fc.assert(
      fc.property(fc.array(aMove, { maxLength: 80 }), (moves) => {
        const bridges = play(moves);
        const live = bridges.flatMap((bridge) => [...bridge.offers.keys()]);
        const feeding = bridges.flatMap((bridge) => [...bridge.grants.values()]);

        expect(feeding).toHaveLength(live.length > 0 ? 1 : 0);
        expect(live).toEqual(expect.arrayContaining(feeding));
        for (const bridge of bridges) {
          for (const linkId of bridge.offers.keys()) {
            expect(bridge.answered.get(linkId)).toMatch(/accepted|standby|rejected/);
          }
        }
        if (live.length === 0) expect(bridges[0]!.database.account).toBeUndefined();
      }),
      { seed: 20261122, numRuns: 1500 },
    );
  });
});
