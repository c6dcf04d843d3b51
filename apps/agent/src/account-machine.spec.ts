import type { AccountAccepted } from '@fairlead/protocol';
import type { ClusterIdentity } from '@fairlead/cluster-client';
import fc from 'fast-check';
import {
  beginAccount,
  stepAccount,
  type AccountEffect,
  type AccountInput,
  type AccountState,
} from './account-machine.ts';

const identity: ClusterIdentity = {
  server: 's',
  certificateFingerprint: '',
  version: 'v1',
  uid: 'u',
};
const answer = (epoch: number): AccountAccepted => ({
  name: 'a',
  epoch,
  kinds: [],
  checkpoints: [],
  creditBytes: 1,
});

const states: Record<string, AccountState> = {
  identifying: { kind: 'identifying', hasLink: true, attempt: 0, reason: '' },
  identifyingAlone: { kind: 'identifying', hasLink: false, attempt: 2, reason: 'down' },
  unlinked: { kind: 'unlinked', identity },
  registering: { kind: 'registering', identity },
  standby: { kind: 'standby', identity, reason: 'other' },
  rejected: { kind: 'rejected', identity, reason: 'no', attempt: 1 },
  feeding: { kind: 'feeding', identity, epoch: 5 },
  stopped: { kind: 'stopped' },
};

const inputs: Record<string, AccountInput> = {
  identified: { kind: 'identified', identity },
  identifyFailed: { kind: 'identifyFailed', reason: 'gone' },
  retryDue: { kind: 'retryDue' },
  linkUp: { kind: 'linkUp' },
  linkDown: { kind: 'linkDown' },
  accepted: { kind: 'accepted', answer: answer(6) },
  standby: { kind: 'standby', reason: 'other' },
  rejected: { kind: 'rejected', reason: 'no' },
  revoked: { kind: 'revoked', epoch: 5, reason: 'moved' },
  revokedOld: { kind: 'revoked', epoch: 4, reason: 'moved' },
  watchFailed: { kind: 'watchFailed', reason: 'bug' },
  stop: { kind: 'stop', reason: 'gone' },
};

/** `state + input -> next [effects]`; a pair that is not here changes nothing. */
const table = `
identifying + identified -> registering [register]
identifying + identifyFailed -> identifying [retryLater]
identifying + retryDue -> identifying [identify]
identifying + stop -> stopped [cancelRetry]
identifyingAlone + identified -> unlinked []
identifyingAlone + identifyFailed -> identifying [retryLater]
identifyingAlone + retryDue -> identifying [identify]
identifyingAlone + stop -> stopped [cancelRetry]
unlinked + linkUp -> registering [register]
unlinked + stop -> stopped [cancelRetry]
registering + linkDown -> unlinked []
registering + accepted -> feeding [startFeeding]
registering + standby -> standby []
registering + rejected -> rejected [retryLater]
registering + stop -> stopped [cancelRetry unregister]
standby + linkDown -> unlinked []
standby + accepted -> feeding [startFeeding]
standby + rejected -> rejected [retryLater]
standby + stop -> stopped [cancelRetry unregister]
rejected + identified -> rejected [register]
rejected + identifyFailed -> rejected [retryLater]
rejected + retryDue -> rejected [identify]
rejected + linkDown -> unlinked [cancelRetry]
rejected + accepted -> feeding [cancelRetry startFeeding]
rejected + standby -> standby [cancelRetry]
rejected + rejected -> rejected [cancelRetry retryLater]
rejected + stop -> stopped [cancelRetry cancelRetry unregister]
feeding + linkDown -> unlinked [stopFeeding]
feeding + accepted -> feeding [stopFeeding startFeeding]
feeding + standby -> standby [stopFeeding]
feeding + rejected -> rejected [stopFeeding retryLater]
feeding + revoked -> standby [stopFeeding]
feeding + watchFailed -> identifying [stopFeeding unregister retryLater]
feeding + stop -> stopped [cancelRetry stopFeeding unregister]
`;

const rows = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' -> ') as [string, string]),
);

const pairs = Object.keys(states).flatMap((state) =>
  Object.keys(inputs).map((input) => [state, input]),
);

describe(stepAccount, () => {
  it.each(pairs)('in %s on %s', (state, input) => {
    const before = states[state]!;

    const { state: after, effects } = stepAccount(before, inputs[input]!);

    const quiet = `${before.kind} []`;
    expect(`${after.kind} [${effects.map(({ kind }) => kind).join(' ')}]`).toBe(
      rows.get(`${state} + ${input}`) ?? quiet,
    );
  });

  it('waits longer after each failure, and says why', () => {
    const { state, effects } = stepAccount(states.identifyingAlone!, inputs.identifyFailed!);

    expect(state).toMatchObject({ attempt: 3, reason: 'gone' });
    expect(effects).toEqual([{ kind: 'retryLater', pace: 'cluster', attempt: 3 }]);
  });

  it('ignores an answer that is not newer than the one it feeds under', () => {
    const step = stepAccount(states.feeding!, { kind: 'accepted', answer: answer(5) });

    expect(step).toEqual({ state: states.feeding, effects: [] });
  });

  it('never feeds twice at once, nor without a link, on any walk', () => {
    const walk = fc.array(fc.constantFrom(...Object.keys(inputs)), { maxLength: 80 });
    fc.assert(
      fc.property(walk, fc.boolean(), (names, hasLink) => {
        let step = beginAccount(hasLink);
        let isFeeding = false;
        let epoch = 10;
        for (const name of names) {
          epoch += 1;
          const input =
            name === 'accepted'
              ? ({ kind: 'accepted', answer: answer(epoch) } as const)
              : inputs[name]!;
          step = stepAccount(step.state, input);
          isFeeding = step.effects.reduce(feedingAfter, isFeeding);
          expect(isFeeding).toBe(step.state.kind === 'feeding');
          if (name === 'linkDown') expect(isFeeding).toBe(false);
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

function feedingAfter(isFeeding: boolean, effect: AccountEffect): boolean {
  if (effect.kind === 'startFeeding') {
    expect(isFeeding).toBe(false);
    return true;
  }
  return effect.kind === 'stopFeeding' ? false : isFeeding;
}
