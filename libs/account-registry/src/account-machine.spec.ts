import { describe, expect, it } from '@jest/globals';
import { stepAccount } from './account-machine.ts';
import {
  unclaimed,
  type AccountFacts,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type StoredFacts,
} from './account-state.ts';

const config = { gracePeriodMs: 600_000 };
const nowMs = 1_000_000;

function anOffer(linkId: string, agentId: string, uid = 'uid-1'): AccountOffer {
  const cluster = { server: 'https://a', certificateFingerprint: '', version: 'v1.31.0', uid };
  return { linkId, agentId, instanceId: `${agentId}-process`, cluster, kinds: [], properties: {} };
}

const first = anOffer('link-1', 'agent-1');
const second = anOffer('link-2', 'agent-2');
const returned = anOffer('link-3', 'agent-1');
const foreign = anOffer('link-4', 'agent-4', 'uid-2');
const replica: AccountOffer = { ...anOffer('link-5', 'agent-1'), instanceId: 'second-replica' };
const { linkId: _linkId, ...facts } = first;
const { linkId: _foreignLinkId, ...foreignFacts } = foreign;
const stored: StoredFacts = {
  ...{ ...facts, epoch: 7, bridgeId: 'bridge-2' },
  ...{ heldBy: 'nobody', begun: 'nothing' },
};
const heldStored: StoredFacts = { ...stored, epoch: 8, heldBy: 'another' };
const foreignStored: StoredFacts = { ...heldStored, cluster: foreign.cluster };

const states: Record<AccountState['kind'], AccountState> = {
  unclaimed,
  claiming: { kind: 'claiming', claimant: first, facts, expectedEpoch: 6, waiting: [] },
  abandoning: { kind: 'abandoning', facts, reason: 'gone', waiting: [] },
  feeding: { kind: 'feeding', feeder: first, facts, epoch: 7, waiting: [] },
  elsewhere: {
    kind: 'elsewhere',
    facts,
    epoch: 7,
    bridgeId: 'bridge-2',
    begun: 'nothing',
    waiting: [],
  },
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
  moving: { kind: 'moving', facts: foreignFacts, epoch: 7, waiting: [] },
};

type Bare<I> = I extends unknown ? Omit<I, 'nowMs'> : never;
type BareInput = Bare<AccountInput>;

const inputs: Record<string, BareInput> = {
  'offered by the first agent': { kind: 'offered', offer: first },
  'offered by another agent': { kind: 'offered', offer: second },
  'offered by the same process on a newer link': { kind: 'offered', offer: returned },
  'offered by another replica of the agent': { kind: 'offered', offer: replica },
  'offered with another cluster': { kind: 'offered', offer: foreign },
  left: { kind: 'left', linkId: 'link-1', reason: 'lost' },
  'left by a stranger': { kind: 'left', linkId: 'link-9', reason: 'lost' },
  moveAsked: { kind: 'moveAsked', to: foreignFacts },
  tookOver: { kind: 'tookOver', epoch: 7 },
  'takeOverLost to nobody that lives': { kind: 'takeOverLost', current: stored },
  'takeOverLost to another bridge': {
    kind: 'takeOverLost',
    current: { ...heldStored, instanceId: 'somebody' },
  },
  'takeOverLost to its own former link': { kind: 'takeOverLost', current: heldStored },
  'takeOverLost to another cluster': { kind: 'takeOverLost', current: foreignStored },
  'takeOverLost to a removal': { kind: 'takeOverLost', current: { ...stored, begun: 'removal' } },
  'takeOverLost, since there is no account': { kind: 'takeOverLost', current: undefined },
  fenced: { kind: 'fenced', epoch: 7 },
  'fenced by an older epoch': { kind: 'fenced', epoch: 6 },
  'looked, and all is as it was': { kind: 'looked', current: stored },
  'looked, and this bridge has it': { kind: 'looked', current: { ...stored, heldBy: 'self' } },
  'looked, and another bridge has it': { kind: 'looked', current: heldStored },
  'looked, and its removal had begun': { kind: 'looked', current: { ...stored, begun: 'removal' } },
  'looked, and its move had begun': { kind: 'looked', current: { ...stored, begun: 'move' } },
  'looked, and it is removed': { kind: 'looked', current: undefined },
  graceElapsed: { kind: 'graceElapsed', isQuiet: true },
  'graceElapsed though somebody committed': { kind: 'graceElapsed', isQuiet: false },
  removed: { kind: 'removed' },
  moved: { kind: 'moved', epoch: 8 },
  'removalLost to another bridge': { kind: 'removalLost', current: heldStored },
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
    'offered by the first agent': 'claiming, takeOver link-1',
    'offered by another agent': 'claiming, takeOver link-2',
    'offered by the same process on a newer link': 'claiming, takeOver link-3',
    'offered by another replica of the agent': 'claiming, takeOver link-5',
    'offered with another cluster': 'claiming, takeOver link-4',
    'looked, and all is as it was': 'disconnected, startGrace',
    'looked, and this bridge has it': 'disconnected, recordDisconnected, startGrace',
    'looked, and another bridge has it': 'elsewhere',
    'looked, and its removal had begun': 'removing, removeAccount',
    'looked, and its move had begun': 'moving, moveAccount',
  },
  claiming: {
    'offered by another agent': 'claiming, standby link-2',
    'offered by another replica of the agent': 'claiming, standby link-5',
    'offered with another cluster': 'claiming, rejected link-4',
    left: 'abandoning',
    tookOver: 'feeding, accepted link-1',
    'takeOverLost to nobody that lives': 'claiming, takeOver link-1',
    'takeOverLost to another bridge': 'elsewhere, standby link-1',
    'takeOverLost to its own former link': 'claiming, takeOver link-1',
    'takeOverLost to another cluster': 'elsewhere, rejected link-1',
    'takeOverLost to a removal': 'removing, removeAccount',
    'takeOverLost, since there is no account': 'claiming, takeOver link-1',
  },
  abandoning: {
    tookOver: 'disconnected, recordDisconnected, startGrace',
    'takeOverLost to nobody that lives': 'disconnected, startGrace',
    'takeOverLost to another bridge': 'elsewhere',
    'takeOverLost to its own former link': 'elsewhere',
    'takeOverLost to another cluster': 'elsewhere',
    'takeOverLost to a removal': 'removing, removeAccount',
    'takeOverLost, since there is no account': 'unclaimed',
  },
  feeding: {
    'offered by the first agent': 'claiming, revoked link-1, takeOver link-1',
    'offered by another agent': 'feeding, standby link-2',
    'offered by the same process on a newer link':
      'claiming, revoked link-1, standby link-1, takeOver link-3',
    'offered by another replica of the agent': 'feeding, standby link-5',
    'offered with another cluster': 'feeding, rejected link-4',
    left: 'disconnected, revoked link-1, recordDisconnected, startGrace',
    moveAsked: 'moving, revoked link-1, moveAccount',
    fenced: 'elsewhere, revoked link-1, standby link-1, look',
    'looked, and another bridge has it': 'elsewhere, revoked link-1, standby link-1, look',
    'looked, and it is removed': 'elsewhere, revoked link-1, standby link-1, look',
  },
  elsewhere: {
    'offered by the first agent': 'claiming, takeOver link-1',
    'offered by another agent': 'elsewhere, standby link-2',
    'offered by the same process on a newer link': 'claiming, takeOver link-3',
    'offered by another replica of the agent': 'elsewhere, standby link-5',
    'offered with another cluster': 'elsewhere, rejected link-4',
    moveAsked: 'moving, stopGrace, moveAccount',
    'looked, and all is as it was': 'disconnected, startGrace',
    'looked, and this bridge has it': 'disconnected, recordDisconnected, startGrace',
    'looked, and its removal had begun': 'removing, removeAccount',
    'looked, and its move had begun': 'moving, moveAccount',
    'looked, and it is removed': 'unclaimed',
  },
  disconnected: {
    'offered by the first agent': 'claiming, stopGrace, takeOver link-1',
    'offered by another agent': 'claiming, stopGrace, takeOver link-2',
    'offered by the same process on a newer link': 'claiming, stopGrace, takeOver link-3',
    'offered by another replica of the agent': 'claiming, stopGrace, takeOver link-5',
    'offered with another cluster': 'disconnected, rejected link-4',
    moveAsked: 'moving, stopGrace, moveAccount',
    'looked, and this bridge has it': 'disconnected, stopGrace, recordDisconnected, startGrace',
    'looked, and another bridge has it': 'elsewhere, stopGrace',
    'looked, and its removal had begun': 'removing, stopGrace, removeAccount',
    'looked, and its move had begun': 'moving, stopGrace, moveAccount',
    'looked, and it is removed': 'unclaimed, stopGrace',
    graceElapsed: 'removing, removeAccount',
    'graceElapsed though somebody committed': 'disconnected, startGrace',
  },
  removing: {
    'offered by the first agent': 'removing, standby link-1',
    'offered by another agent': 'removing, standby link-2',
    'offered by the same process on a newer link': 'removing, standby link-3',
    'offered by another replica of the agent': 'removing, standby link-5',
    'offered with another cluster': 'removing, standby link-4',
    removed: 'unclaimed',
    'removalLost to another bridge': 'elsewhere',
  },
  moving: {
    'offered by the first agent': 'moving, standby link-1',
    'offered by another agent': 'moving, standby link-2',
    'offered by the same process on a newer link': 'moving, standby link-3',
    'offered by another replica of the agent': 'moving, standby link-5',
    'offered with another cluster': 'moving, standby link-4',
    moved: 'disconnected, startGrace',
    'removalLost to another bridge': 'elsewhere',
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
      { kind: 'graceElapsed', isQuiet: true },
      { kind: 'removed' },
      { kind: 'tookOver', epoch: 9 },
    );

    expect(effects.slice(-3)).toEqual(['removeAccount', 'takeOver link-4', 'accepted link-4']);
  });

  it('lets the new cluster in when the name is moved, and rejects the old one', () => {
    const { state, effects } = run(
      states.feeding,
      { kind: 'offered', offer: second },
      { kind: 'offered', offer: foreign },
      { kind: 'moveAsked', to: foreignFacts },
      { kind: 'moved', epoch: 8 },
      { kind: 'tookOver', epoch: 9 },
    );

    expect(effects).toEqual([
      ...['standby link-2', 'rejected link-4', 'revoked link-1', 'moveAccount'],
      ...['takeOver link-4', 'accepted link-4', 'rejected link-1', 'rejected link-2'],
    ]);
    expect(state).toMatchObject({
      kind: 'feeding',
      epoch: 9,
      facts: { cluster: { uid: 'uid-2' } },
    });
  });

  it('keeps a moved name for its new cluster, though only the old one is offered', () => {
    const { state, effects } = run(
      states.moving,
      { kind: 'offered', offer: first },
      { kind: 'moved', epoch: 8 },
    );

    expect(effects).toEqual(['standby link-1', 'startGrace', 'rejected link-1']);
    expect(state).toMatchObject({ kind: 'disconnected', facts: { cluster: { uid: 'uid-2' } } });
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

  it('takes over when the bridge that had the account gave it up or died', () => {
    const { effects } = run(
      states.elsewhere,
      { kind: 'offered', offer: second },
      { kind: 'looked', current: { ...stored, epoch: 8 } },
    );

    expect(effects).toEqual(['standby link-2', 'takeOver link-2']);
  });

  it('thinks offers over again when another bridge has moved the name', () => {
    const { effects } = run(
      states.elsewhere,
      { kind: 'offered', offer: second },
      { kind: 'offered', offer: foreign },
      { kind: 'looked', current: foreignStored },
    );

    expect(effects.slice(2)).toEqual(['rejected link-2', 'standby link-4']);
  });

  it('lets no process return to an account whose rows another bridge is deleting', () => {
    const { effects } = run(
      unclaimed,
      { kind: 'looked', current: { ...heldStored, begun: 'move' } },
      { kind: 'offered', offer: returned },
    );

    expect(effects).toEqual(['standby link-3']);
  });

  it('goes on with its grace period while looks show nothing new', () => {
    expect(run(states.disconnected, { kind: 'looked', current: stored }).state).toBe(
      states.disconnected,
    );
  });

  it('gives a whole grace period after a restart of the bridge, whatever the store says', () => {
    const { state } = run(unclaimed, { kind: 'looked', current: stored });

    expect(state).toMatchObject({ epoch: 7, graceDeadlineMs: nowMs + config.gracePeriodMs });
  });

  it('keeps what the cluster was known by when the new feeder knows less', () => {
    const blind: AccountOffer = { ...first, cluster: { ...first.cluster, uid: '' } };
    const { state } = run(states.disconnected, { kind: 'offered', offer: blind });

    expect((state as { facts: AccountFacts }).facts.cluster.uid).toBe('uid-1');
  });
});
