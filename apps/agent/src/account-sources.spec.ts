import { accountSchema } from './account-config.ts';
import { AccountSources } from './account-sources.ts';
import { parseKubeconfig } from './kubeconfig-digest.ts';

const whole = (token = 'old') => `
current-context: a
clusters: [{ name: ca, cluster: { server: https://a } }, { name: cb, cluster: { server: https://b } }]
contexts: [{ name: a, context: { cluster: ca, user: ua } }, { name: b, context: { cluster: cb, user: ub } }]
users: [{ name: ua, user: { token: ${token} } }, { name: ub, user: { token: other } }]
`;
const file = '/kubeconfig';
const accounts = [
  accountSchema.parse({ name: 'first', kubeconfigFile: file }),
  accountSchema.parse({ name: 'second', kubeconfigFile: file, context: 'b' }),
  accountSchema.parse({ name: 'third', serviceAccount: true }),
];

function setUp() {
  const told: object[] = [];
  const sources = new AccountSources((unusable) => told.push(unusable));
  const digests = (text: string, of = accounts) =>
    sources.update(of, new Map([[file, parseKubeconfig(text)]])).map((each) => each.filesDigest);
  return { told, digests };
}

describe(AccountSources, () => {
  it('gives a new digest to the accounts whose part of the file has changed', () => {
    const { digests, told } = setUp();
    const [first, second, third] = digests(whole('old'));

    expect(digests(whole('new'))).toEqual([expect.not.stringMatching(first!), second, third]);
    expect(told).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half a line', whole('new').slice(0, 60)],
    ['no contexts', whole('new').replace(/contexts:.*\n/, '')],
    ['no users yet', whole('new').replace(/users:.*\n/, '')],
    ['no YAML', '{ broken'],
    ['something else', 'contexts: 5'],
  ])('keeps the digests while the file holds %s, and says so once', (_what, half) => {
    const { digests, told } = setUp();
    const before = digests(whole('old'));

    expect(digests(half)).toEqual(before);
    expect(digests(half)).toEqual(before);
    expect(told).toEqual([{ file, accounts: ['first', 'second'] }]);

    expect(digests(whole('old'))).toEqual(before);
    expect(digests('')).toEqual(before);
    expect(told).toHaveLength(2);
    expect(digests(whole('new'))[0]).not.toBe(before[0]);
  });

  it('keeps that of one account alone whose context is gone', () => {
    const { digests, told } = setUp();
    const [first, second, third] = digests(whole('old'));

    const [newFirst, ...others] = digests(
      whole('new').replace('{ name: b, context', '{ name: x, c'),
    );

    expect(newFirst).not.toBe(first);
    expect(others).toEqual([second, third]);
    expect(told).toEqual([{ file, accounts: ['second'] }]);
  });

  it('says nothing of a file that was never usable, and notices when it becomes so', () => {
    const { digests, told } = setUp();
    const [before] = digests('');

    expect(digests('{ broken')[0]).toBe(before);
    expect(digests(whole())[0]).not.toBe(before);
    expect(told).toEqual([]);
  });

  it('does not need a user where the context names none', () => {
    const { digests } = setUp();
    const anonymous = whole().replace(', user: ua', '');

    expect(digests(anonymous)[0]).not.toBe(digests(whole())[0]);
  });

  it('forgets the files of accounts that are gone', () => {
    const { digests } = setUp();
    const [before] = digests(whole());
    digests(whole(), []);

    expect(digests('')[0]).not.toBe(before);
  });
});
