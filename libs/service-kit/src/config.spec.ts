import { z } from 'zod';
import { byteSizeSchema } from './byte-size.ts';
import { readConfig, type ConfigDefinition } from './config.ts';
import { formatConfigProblem } from './config-problem.ts';

const schema = z.object({
  link: z
    .object({
      address: z.string().default('localhost:1'),
      insecure: z.boolean().default(true),
      retries: z.number().int().min(0).default(3),
      token: z.string().min(4).optional(),
    })
    .prefault({}),
  accounts: z
    .array(
      z.object({
        name: z.string(),
        kubeconfigFile: z.string().optional(),
        kinds: z.array(z.string()).default([]),
        permissions: z
          .union([z.record(z.string(), z.array(z.string())), z.array(z.string())])
          .optional(),
      }),
    )
    .default([]),
  limit: byteSizeSchema(1024).default(4096),
  labels: z.record(z.string(), z.string()).default({}),
});

const definition: ConfigDefinition<typeof schema> = {
  schema,
  unneeded: { pprof: 'there is no profiler port', 'accounts.*.noProxy': 'proxies are not used' },
};

function read(...texts: string[]) {
  const named = texts.map((text, at) => ({ source: `f${at + 1}.yaml`, text }));
  return readConfig(definition, named);
}

function valid(...texts: string[]): z.output<typeof schema> {
  const result = read(...texts);
  if (result.kind === 'invalid')
    throw new Error(result.problems.map(formatConfigProblem).join('\n'));
  return result.config;
}

function said(...texts: string[]): string[] {
  return read(...texts).problems.map(formatConfigProblem);
}

describe(readConfig, () => {
  it('gives defaults when there is nothing to read', () => {
    expect(valid()).toEqual({
      link: { address: 'localhost:1', insecure: true, retries: 3 },
      accounts: [],
      limit: 4096,
      labels: {},
    });
  });

  it('merges maps over several files and replaces lists', () => {
    const config = valid(
      'link: { address: a:1, retries: 7 }\naccounts: [{ name: x }, { name: y }]',
      'link: { address: b:2 }\naccounts: [{ name: z }]',
    );

    expect(config.link).toEqual({ address: 'b:2', insecure: true, retries: 7 });
    expect(config.accounts.map((account) => account.name)).toEqual(['z']);
  });

  it('treats keys without a value as not given', () => {
    expect(valid('accounts:\nlink:\n  retries:\n').link.retries).toBe(3);
  });

  it('reads a key in any letter case as the known key', () => {
    const config = valid(
      'accounts: [{ name: a, kubeConfigFile: /k }]',
      'LINK: { Insecure: false }',
    );

    expect(config.accounts[0]?.kubeconfigFile).toBe('/k');
    expect(config.link.insecure).toBe(false);
  });

  it('resolves anchors and merge keys', () => {
    const config = valid(
      'accounts:\n  - &base { name: a, kinds: [pod] }\n  - { <<: *base, name: b }\n',
    );

    expect(config.accounts[1]).toEqual({ name: 'b', kinds: ['pod'] });
  });

  it('lists every problem at once, each with file, line and column', () => {
    const first = 'link:\n  adress: x\n  retries: -1\naccounts:\n  - kinds: [1]\n';
    const second = 'limit: 12\nzzz: 1\n';

    expect(said(first, second)).toEqual([
      'f1.yaml:2:3: error: link.adress: unknown key; did you mean "address"?',
      'f1.yaml:3:3: error: link.retries: must be at least 0',
      'f1.yaml:5:5: error: accounts[0].name: missing, a string is required',
      'f1.yaml:5:13: error: accounts[0].kinds[0]: must be a string',
      'f2.yaml:1:1: error: limit: must be at least 1024 bytes',
      'f2.yaml:2:1: error: zzz: unknown key',
    ]);
  });

  it('reports each syntax error and never echoes a value', () => {
    const problems = said('link: [s3cret\nlimit: : {');

    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((line) => line.startsWith('f1.yaml:'))).toBe(true);
    expect(said('link: { token: abc }', 'limit: s3cret').join()).not.toMatch(/abc|s3cret/);
  });

  it('warns about keys that are known but not needed, and drops them', () => {
    const text = 'pprof: { enabled: true }\naccounts: [{ name: a, noProxy: true }]';

    expect(valid(text).accounts).toEqual([{ name: 'a', kinds: [] }]);
    expect(said(text)).toEqual([
      'f1.yaml:1:1: warning: pprof: not needed: there is no profiler port',
      'f1.yaml:2:23: warning: accounts[0].noProxy: not needed: proxies are not used',
    ]);
  });

  it('refuses the same key given twice in different spellings', () => {
    expect(said('limit: 2048\nLimit: 4096')).toEqual([
      'f1.yaml:2:1: error: Limit: the same key as "limit", given twice',
    ]);
  });

  it('refuses a file whose top is no map, and an alias that contains itself', () => {
    expect(said('- a')).toEqual(['f1.yaml:1:1: error: the top of the file must be a map of keys']);
    expect(said('labels: &a { b: *a }').join()).toContain('contains itself');
  });

  it.each([
    ['link: 5', 'link: must be an object'],
    ['accounts: 5', 'accounts: must be an array'],
    ['labels: 5', 'labels: must be an object'],
    ['link: { retries: 1.5 }', 'link.retries: must be a whole number'],
    ['link: { retries: many }', 'link.retries: must be a number'],
  ])('says in plain words what type is wanted: %s', (text, words) => {
    expect(said(text).join('\n')).toContain(`error: ${words}`);
  });

  it('explains the branch of a union that fits best', () => {
    expect(said('accounts: [{ name: a, permissions: { READ: [1] } }]')).toEqual([
      'f1.yaml:1:45: error: accounts[0].permissions.READ[0]: must be a string',
    ]);
  });
});

describe('environment overrides', () => {
  function withEnv(env: Record<string, string>, text = ''): ReturnType<typeof read> {
    return readConfig(definition, [{ source: 'f1.yaml', text }], env);
  }

  it('overrides text, numbers, sizes, lists and booleans, also to false', () => {
    const result = withEnv(
      {
        FAIRLEAD_LINK_ADDRESS: '10',
        FAIRLEAD_LINK_INSECURE: 'false',
        FAIRLEAD_LINK_RETRIES: '9',
        FAIRLEAD_LIMIT: '2KiB',
        FAIRLEAD_ACCOUNTS_0_KINDS: 'pod, service',
        FAIRLEAD_LABELS_TEAM: 'a',
      },
      'link: { insecure: true }\naccounts: [{ name: x }]',
    );

    expect(result.kind === 'valid' && result.config).toEqual({
      link: { address: '10', insecure: false, retries: 9 },
      accounts: [{ name: 'x', kinds: ['pod', 'service'] }],
      limit: 2048,
      labels: { TEAM: 'a' },
    });
  });

  it('reaches a camelCase key of a list item, and adds an item', () => {
    const result = withEnv({
      FAIRLEAD_ACCOUNTS: '[{ name: a }]',
      FAIRLEAD_ACCOUNTS_0_KUBECONFIGFILE: '/k',
    });

    expect(result.kind === 'valid' && result.config.accounts).toEqual([
      { name: 'a', kinds: [], kubeconfigFile: '/k' },
    ]);
  });

  it('leaves variables of others alone and warns about a slip', () => {
    const result = withEnv({
      FAIRLEAD_BRIDGE_SERVICE_HOST: '10.0.0.1',
      FAIRLEAD_LINK_RETRYS: '1',
      OTHER: 'x',
    });

    expect(result.problems.map(formatConfigProblem)).toEqual([
      'environment variable FAIRLEAD_LINK_RETRYS: warning: link: "RETRYS" is no key here; did you mean "retries"?',
    ]);
  });

  it('names the variable when its value is wrong', () => {
    expect(withEnv({ FAIRLEAD_LINK_RETRIES: 'many' }).problems.map(formatConfigProblem)).toEqual([
      'environment variable FAIRLEAD_LINK_RETRIES: error: link.retries: must be a number',
    ]);
  });
});
