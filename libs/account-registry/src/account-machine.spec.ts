import { describe, expect, it } from '@jest/globals';
import { stepAccount } from './account-machine.ts';
import {
  unclaimed,
  type AccountFacts,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type StoredFacts,
  type WaitingOffer,
} from './account-state.ts';

const config = { gracePeriodMs: 600_000 };
const nowMs = 1_000_000;

function anOffer(linkId: string, agentId: string, uid = 'uid-1'): AccountOffer {
  const cluster = { server: 'https://a', certificateFingerprint: '', version: 'v1.31.0', uid };
  return { linkId, agentId, cluster, kinds: [], properties: {} };
}

const first = anOffer('link-1', 'agent-1');
const second = anOffer('link-2', 'agent-2');
const returned = anOffer('link-3', 'agent-1');
const foreign = anOffer('link-4', 'agent-4', 'uid-2');
const { linkId: _linkId, ...facts } = first;
const stored: StoredFacts = { ...facts, epoch: 7 };
const foreignStored: StoredFacts = { ...stored, cluster: foreign.cluster, epoch: 8 };

const standing: WaitingOffer = { offer: second, answer: 'standby' };
const states: Record<AccountState['kind'], AccountState> = {
  unclaimed,
  claiming: { kind: 'claiming', claimant: first, facts, expectedEpoch: 6, attempt: 1, waiting: [] },
  abandoning: { kind: 'abandoning', facts, reason: 'gone', waiting: [] },
  feeding: { kind: 'feeding', feeder: first, facts, epoch: 7, waiting: [] },
  disconnected: {
    kind: 'disconnected',
    facts,
    epoch: 7,
    reason: 'gone',
    sinceMs: nowMs - 600_000,
    graceDeadlineMs: nowMs,
    waiting: [],
  },
  removing: { kind: 'removing', facts, epoch: 7, waiting: [] },
};

type Bare<I> = I extends unknown ? Omit<I, 'nowMs'> : never;
type BareInput = Bare<AccountInput>;

const inputs: Record<string, BareInput> = {
  loaded: { kind: 'loaded', stored, isRemovalBegun: false },
  'loaded half removed': { kind: 'loaded', stored, isRemovalBegun: true },
  'offered by the first agent': { kind: 'offered', offer: first },
  'offered by another agent': { kind: 'offered', offer: second },
  'offered by the same agent on a newer link': { kind: 'offered', offer: returned },
  'offered with another cluster': { kind: 'offered', offer: foreign },
  left: { kind: 'left', linkId: 'link-1', reason: 'lost' },
  'left by a stranger': { kind: 'left', linkId: 'link-9', reason: 'lost' },
  tookOver: { kind: 'tookOver', epoch: 7 },
  'takeOverLost to the same cluster': { kind: 'takeOverLost', current: stored },
  'takeOverLost to another cluster': { kind: 'takeOverLost', current: foreignStored },
  'takeOverLost to nobody': { kind: 'takeOverLost', current: undefined },
  fenced: { kind: 'fenced', epoch: 7 },
  'fenced by an older epoch': { kind: 'fenced', epoch: 6 },
  reloaded: { kind: 'reloaded', current: stored },
  graceElapsed: { kind: 'graceElapsed', lastCommittedAtMs: 0 },
  'graceElapsed though somebody commits': { kind: 'graceElapsed', lastCommittedAtMs: nowMs - 5 },
  removed: { kind: 'removed' },
  removalLost: { kind: 'removalLost', current: stored },
};

function run(from: AccountState, ...list: BareInput[]) {
  let state = from;
  const effects: string[] = [];
  for (const input of list) {
    const next = stepAccount(state, { ...input, nowMs }, config);
    state = next.state;
    for (const effect of next.effects) {
      effects.push('offer' in effect ? `${effect.kind} ${effect.offer.linkId}` : effect.kind);
    }
  }
  return { state, effects, summary: [state.kind, ...effects].join(', ') };
}

/** State afterwards and effects; an input that is not named leaves the state and does nothing. */
const table: Record<AccountState['kind'], Record<string, string>> = {
  unclaimed: {
    loaded: 'disconnected, startGrace',
    'loaded half removed': 'removing, removeAccount',
    'offered by the first agent': 'claiming, takeOver link-1',
    'offered by another agent': 'claiming, takeOver link-2',
    'offered by the same agent on a newer link': 'claiming, takeOver link-3',
    'offered with another cluster': 'claiming, takeOver link-4',
  },
  claiming: {
    'offered by another agent': 'claiming, standby link-2',
    'offered with another cluster': 'claiming, rejected link-4',
    left: 'abandoning',
    tookOver: 'feeding, accepted link-1',
    'takeOverLost to the same cluster': 'claiming, takeOver link-1',
    'takeOverLost to another cluster': 'disconnected, startGrace, rejected link-1',
    'takeOverLost to nobody': 'claiming, takeOver link-1',
  },
  abandoning: {
    tookOver: 'disconnected, recordDisconnected, startGrace',
    'takeOverLost to the same cluster': 'disconnected, startGrace',
    'takeOverLost to another cluster': 'disconnected, startGrace',
    'takeOverLost to nobody': 'unclaimed, stopGrace',
  },
  feeding: {
    'offered by the first agent': 'claiming, revoked link-1, takeOver link-1',
    'offered by another agent': 'feeding, standby link-2',
    'offered by the same agent on a newer link':
      'claiming, revoked link-1, standby link-1, takeOver link-3',
    'offered with another cluster': 'feeding, rejected link-4',
    left: 'disconnected, revoked link-1, recordDisconnected, startGrace',
    fenced: 'disconnected, revoked link-1, standby link-1, startGrace, reload',
  },
  disconnected: {
    'offered by the first agent': 'claiming, stopGrace, takeOver link-1',
    'offered by another agent': 'claiming, stopGrace, takeOver link-2',
    'offered by the same agent on a newer link': 'claiming, stopGrace, takeOver link-3',
    'offered with another cluster': 'disconnected, rejected link-4',
    reloaded: 'disconnected, startGrace',
    graceElapsed: 'removing, removeAccount',
    'graceElapsed though somebody commits': 'disconnected, startGrace',
  },
  removing: {
    'offered by the first agent': 'removing, standby link-1',
    'offered by another agent': 'removing, standby link-2',
    'offered by the same agent on a newer link': 'removing, standby link-3',
    'offered with another cluster': 'removing, standby link-4',
    removed: 'unclaimed',
    removalLost: 'disconnected, startGrace',
  },
};

describe(stepAccount, () => {
  describe.each(Object.entries(states))('%s', (kind, state) => {
    it.each(Object.entries(inputs))('%s', (name, input) => {
      const expected = table[kind as AccountState['kind']][name] ?? kind;

      expect(run(state, input).summary).toBe(expected);
    });
  });

  it('names no input in the table that does not exist', () => {
    const named = new Set(Object.values(table).flatMap((row) => Object.keys(row)));

    expect([...named].filter((name) => !(name in inputs))).toEqual([]);
  });

  it('gives a lost account to the agent that stands by, without a grace period', () => {
    const { state, effects } = run(
      states.feeding,
      { kind: 'offered', offer: second },
      { kind: 'left', linkId: 'link-1', reason: 'lost' },
      { kind: 'tookOver', epoch: 8 },
    );

    expect(effects).toEqual([
      'standby link-2',
      'revoked link-1',
      'takeOver link-2',
      'accepted link-2',
    ]);
    expect(state).toMatchObject({ kind: 'feeding', epoch: 8, feeder: second, waiting: [] });
  });

  it('expects the epoch of the feeder before', () => {
    const step = stepAccount(states.feeding, { kind: 'offered', offer: returned, nowMs }, config);

    expect(step.effects).toContainEqual(
      expect.objectContaining({ kind: 'takeOver', expectedEpoch: 7, offer: returned }),
    );
  });

  it('gives the name to the rejected cluster once the first one is removed', () => {
    const { effects } = run(
      states.feeding,
      { kind: 'offered', offer: foreign },
      { kind: 'left', linkId: 'link-1', reason: 'lost' },
      { kind: 'graceElapsed', lastCommittedAtMs: -1e9 },
    );
    expect(effects.at(-1)).toBe('startGrace');

    const removing: AccountState = {
      kind: 'removing',
      facts,
      epoch: 7,
      waiting: [{ offer: foreign, answer: 'rejected' }],
    };
    expect(run(removing, { kind: 'removed' }).summary).toBe('claiming, takeOver link-4');
  });

  it('starts grace for the old cluster when its own agent offers another one by the name', () => {
    const moved = { ...foreign, linkId: 'link-1', agentId: 'agent-1' };

    expect(run(states.feeding, { kind: 'offered', offer: moved }).summary).toBe(
      'disconnected, revoked link-1, recordDisconnected, startGrace, rejected link-1',
    );
  });

  it('decides on an offer that came while the store was asked for a claimant that is gone', () => {
    const { effects } = run(
      states.claiming,
      { kind: 'left', linkId: 'link-1', reason: 'lost' },
      { kind: 'offered', offer: returned },
      { kind: 'tookOver', epoch: 7 },
      { kind: 'tookOver', epoch: 8 },
    );

    expect(effects).toEqual(['takeOver link-3', 'accepted link-3']);
  });

  it('hands on to the newer link when the agent returns while the store is asked', () => {
    const { state, effects } = run(
      states.claiming,
      { kind: 'offered', offer: returned },
      { kind: 'tookOver', epoch: 7 },
      { kind: 'tookOver', epoch: 8 },
    );

    expect(effects).toEqual([
      'accepted link-1',
      'revoked link-1',
      'standby link-1',
      'takeOver link-3',
      'accepted link-3',
    ]);
    expect(state).toMatchObject({ feeder: returned, epoch: 8 });
  });

  it('stands by after it lost to another bridge twice', () => {
    const { state, effects } = run(
      states.claiming,
      { kind: 'takeOverLost', current: stored },
      { kind: 'takeOverLost', current: { ...stored, epoch: 8 } },
    );

    expect(effects).toEqual(['takeOver link-1', 'standby link-1', 'startGrace']);
    expect(state).toMatchObject({ kind: 'disconnected', epoch: 8 });
  });

  it('takes over from another bridge that committed nothing for a whole grace period', () => {
    const waiting = { ...states.disconnected, waiting: [standing] } as AccountState;

    expect(run(waiting, { kind: 'graceElapsed', lastCommittedAtMs: 0 }).summary).toBe(
      'claiming, takeOver link-2',
    );
  });

  it('counts the grace period from the last commit of anybody', () => {
    const { state } = run(states.disconnected, {
      kind: 'graceElapsed',
      lastCommittedAtMs: nowMs - 100_000,
    });

    expect(state).toMatchObject({ kind: 'disconnected', graceDeadlineMs: nowMs + 500_000 });
  });

  it('gives a whole grace period after a restart of the bridge, whatever the store says', () => {
    const { state } = run(unclaimed, { kind: 'loaded', stored, isRemovalBegun: false });

    expect(state).toMatchObject({ epoch: 7, graceDeadlineMs: nowMs + config.gracePeriodMs });
  });

  it('keeps what the cluster was known by when the new feeder knows less', () => {
    const blind: AccountOffer = { ...first, cluster: { ...first.cluster, uid: '' } };
    const { state } = run(states.disconnected, { kind: 'offered', offer: blind });

    expect((state as { facts: AccountFacts }).facts.cluster.uid).toBe('uid-1');
  });
});
