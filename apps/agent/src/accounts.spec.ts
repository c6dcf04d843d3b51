import { DEFAULT_OBJECT_POLICY } from '@fairlead/watch-engine';
import { accountSchema, type AccountConfig } from './account-config.ts';
import type { AccountSession } from './account-session.ts';
import type { BatchScheduler } from './batch-scheduler.ts';
import { Accounts } from './accounts.ts';
import type { Link } from './link.ts';

const policy = DEFAULT_OBJECT_POLICY;

function setUp() {
  const said: string[] = [];
  const accounts = new Accounts(
    (config: AccountConfig) => {
      const { name } = config;
      const note = (what: string) => void said.push(`${name} ${what}`);
      return {
        start: (attachment: unknown) => note(attachment === undefined ? 'start' : 'start linked'),
        stop: (reason: string) => note(`stop: ${reason}`),
        reconfigure: ({ allow }: { allow: unknown }) => note(`may: ${String(allow)}`),
        linkUp: () => note('linkUp'),
        linkDown: () => note('linkDown'),
        receive: ({ $case }: { $case: string }) => note($case),
      } as unknown as AccountSession;
    },
    () => ({}) as unknown as BatchScheduler,
  );
  const source = (name: string, more: object = {}, filesDigest = '') => ({
    config: accountSchema.parse({ name, serviceAccount: true, ...more }),
    filesDigest,
  });
  return { accounts, said, source };
}

describe(Accounts, () => {
  it('starts, stops and changes each account alone', () => {
    const { accounts, said, source } = setUp();
    accounts.reconcile(
      [source('a'), source('b'), source('c'), source('d', {}, 'old file')],
      policy,
    );
    said.length = 0;

    const changed = [source('b', { kinds: ['pod'] }), source('d', {}, 'new file'), source('e')];
    const done = accounts.reconcile([source('a'), ...changed], policy);

    expect(done).toEqual({ started: ['b', 'd', 'e'], stopped: ['b', 'c', 'd'] });
    expect(said).toEqual([
      'a may: all',
      'b stop: the account has changed',
      'c stop: the account is no longer configured',
      'd stop: the account has changed',
      'b start',
      'd start',
      'e start',
    ]);
  });

  it('tells a running account what the gateway may do from now on', () => {
    const { accounts, said, source } = setUp();
    accounts.reconcile([source('a')], policy);
    said.length = 0;

    const done = accounts.reconcile([source('a', { operations: { allow: 'none' } })], policy);

    expect(done).toEqual({ started: [], stopped: [] });
    expect(said).toEqual(['a may: none']);
  });

  it('starts every account anew when the policy of what may leave changes', () => {
    const { accounts, source } = setUp();
    accounts.reconcile([source('a'), source('b')], policy);

    const stricter = { ...policy, redact: [{ kinds: ['*'], paths: ['.spec.password'] }] };

    expect(accounts.reconcile([source('a'), source('b')], stricter).started).toEqual(['a', 'b']);
    expect(accounts.reconcile([source('a'), source('b')], { ...stricter }).started).toEqual([]);
  });

  it('hands the link to all, also to those that start later, and messages to the one concerned', () => {
    const { accounts, said, source } = setUp();
    accounts.reconcile([source('a'), source('b')], policy);
    said.length = 0;

    accounts.linkUp({} as Link);
    accounts.receive({ $case: 'credit', value: { account: 'b', bytes: 1, epoch: 1 } });
    accounts.receive({ $case: 'accountStandby', value: { name: 'gone', reason: '' } });
    accounts.receive({ $case: 'ack', value: { feedId: 99, batchSeq: 1 } });
    accounts.reconcile([source('a'), source('c')], policy);
    accounts.linkDown();

    expect(said).toEqual([
      'a linkUp',
      'b linkUp',
      'b credit',
      'a may: all',
      'b stop: the account is no longer configured',
      'c start linked',
      'a linkDown',
      'c linkDown',
    ]);
  });
});
