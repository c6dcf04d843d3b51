import { describe, expect, it } from '@jest/globals';
import {
  SqlCacheError,
  type AccountDefinition,
  type DefinitionOutcome,
  type HoldLocks,
} from '@fairlead/sql-cache';
import { ClouddriverPresence, type FedAccount } from './clouddriver-presence.ts';
import { FakeClock, settled } from '../tests/fake-clock.ts';

const core = (account: string) => `${account}/KubernetesCoreCachingAgent[1/1]`;

/** A presence on a database that answers with `outcomes`, one after the other, then `created`. */
function aPresence(outcomes: (DefinitionOutcome | SqlCacheError)[] = [], lockAgents = true) {
  const calls: string[] = [];
  const told: string[] = [];
  const clock = new FakeClock();
  const disturbed: string[] = [];
  const answer = (): Promise<DefinitionOutcome> => {
    const outcome = outcomes.shift() ?? 'created';
    return typeof outcome === 'string' ? Promise.resolve(outcome) : Promise.reject(outcome);
  };
  const presence = new ClouddriverPresence(
    { gateway: { url: 'http://gateway' }, lockAgents, owner: 'bridge-1' },
    {
      cache: {
        definitions: {
          put: ({ name, epoch }: AccountDefinition) => {
            calls.push(`put ${name} ${String(epoch)}`);
            return answer();
          },
          remove: ({ name, epoch }) => {
            calls.push(`remove ${name} ${String(epoch)}`);
            return answer();
          },
        },
        agentLocks: {
          hold: ({ agents }: HoldLocks) => {
            calls.push(`lock ${agents.filter((each) => each.includes('Core')).join(' ')}`);
            return Promise.resolve({ kind: 'held' as const, disturbed: disturbed.splice(0) });
          },
        },
      },
      clock,
      events: {
        definitionStored: (account, outcome) => told.push(`${account} ${outcome}`),
        definitionFailed: (account, reason) => told.push(`${account} failed: ${reason}`),
        locksFailed: (reason) => told.push(`locks failed: ${reason}`),
        locksDisturbed: (account) => told.push(`${account} disturbed`),
      },
    },
  );
  return { presence, calls, told, clock, disturbed };
}

/** What most tests have no use for. */
const hasten = (): void => undefined;

const account = (name: string, epoch = 1): FedAccount => ({
  ...{ name, epoch, properties: {}, kinds: [] },
});

describe(ClouddriverPresence, () => {
  it('locks an account’s agents before Clouddriver knows the account', async () => {
    const { presence, calls } = aPresence();

    presence.fed(account('a'));
    await settled();

    expect(calls).toEqual([`lock ${core('a')}`, 'put a 1']);
  });

  it('prolongs the locks of what is fed, and no others', async () => {
    const { presence, calls, clock } = aPresence();
    const stopped = new AbortController();
    presence.fed(account('a'));
    presence.fed(account('b'));
    await settled();
    presence.left('b', 1);
    calls.length = 0;

    const done = presence.keepUp(stopped.signal, hasten);
    await clock.advance(10_000);
    await clock.advance(10_000);
    stopped.abort();
    await done;

    expect(calls).toEqual([`lock ${core('a')}`, `lock ${core('a')}`]);
  });

  it('still holds an account whose older epoch ended', async () => {
    const { presence, calls, clock } = aPresence();
    const stopped = new AbortController();
    presence.fed(account('a', 2));
    await settled();
    presence.left('a', 1);
    calls.length = 0;

    const done = presence.keepUp(stopped.signal, hasten);
    await clock.advance(10_000);
    stopped.abort();
    await done;

    expect(calls).toEqual([`lock ${core('a')}`]);
  });

  it('holds the locks while Clouddriver takes up a changed definition', async () => {
    const { presence, calls, clock } = aPresence(['unchanged', 'changed']);
    const stopped = new AbortController();
    const done = presence.keepUp(stopped.signal, hasten);
    presence.fed(account('b'));
    presence.fed(account('a'));
    await settled();
    calls.length = 0;

    await clock.advance(200);
    await clock.advance(200);
    const soon = calls.splice(0);
    await clock.advance(89_600);
    const whenItIsOver = calls.splice(0);
    await clock.advance(200);
    const afterwards = calls.splice(0);
    stopped.abort();
    await done;

    expect(soon).toEqual([`lock ${core('a')}`, `lock ${core('a')}`]);
    expect(whenItIsOver).toEqual([`lock ${core('b')} ${core('a')}`]);
    expect(afterwards).toEqual([]);
  });

  it('tells of an account whose locks Clouddriver has changed, but not when it begins', async () => {
    const { presence, told, clock, disturbed } = aPresence(['unchanged', 'unchanged']);
    const hasten = (name: string) => told.push(`compare ${name}`);
    const stopped = new AbortController();
    disturbed.push(core('a'));
    presence.fed(account('a'));
    presence.fed(account('b'));
    await settled();
    told.length = 0;

    const done = presence.keepUp(stopped.signal, hasten);
    await clock.advance(10_000);
    disturbed.push(core('b'));
    await clock.advance(10_000);
    stopped.abort();
    await done;

    expect(told).toEqual(['b disturbed', 'compare b']);
  });

  it('writes a definition again until there is a table for it, and says so once', async () => {
    const { presence, calls, told, clock } = aPresence(['noTable', 'noTable'], false);
    const stopped = new AbortController();
    presence.fed(account('a'));
    await settled();

    const done = presence.keepUp(stopped.signal, hasten);
    await clock.advance(10_000);
    await clock.advance(10_000);
    await clock.advance(10_000);
    stopped.abort();
    await done;

    expect(calls).toEqual(['put a 1', 'put a 1', 'put a 1']);
    expect(told).toEqual(['a noTable', 'a created']);
  });

  it('leaves the definition to the next feeder when it was too late', async () => {
    const { presence, told } = aPresence([new SqlCacheError('fenced', 'another epoch')]);

    presence.fed(account('a'));
    await settled();

    expect(told).toEqual([]);
  });

  it('tells when a definition cannot be', async () => {
    const { presence, calls, told } = aPresence([], false);

    presence.fed({ ...account('a'), properties: { permissions: 'all' } });
    await settled();

    expect(calls).toEqual([]);
    expect(told).toEqual(['a failed: Clouddriver cannot be told its permissions']);
  });

  it('removes a definition, and lets a removal that had begun go on', async () => {
    const { presence, calls, told } = aPresence([
      'changed',
      new SqlCacheError('fenced', 'its removal has begun'),
    ]);

    await presence.removed('a', 1);
    await presence.removed('b', 3);

    expect(calls).toEqual(['remove a 1', 'remove b 3']);
    expect(told).toEqual(['a changed']);
  });
});
