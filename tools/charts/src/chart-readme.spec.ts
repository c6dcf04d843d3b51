import { chartReadme, valueRows } from './chart-readme.ts';

const values = `# -- What it is, in two
# lines.
# @section -- First
mode: agent

bridge:
  # -- Where it is.
  # @section -- Second
  address: ''
  tls:
    # -- Keys | certificates.
    # @default -- none
    secret:
# -- How many.
replicas: 1
`;

describe(valueRows, () => {
  it('has a row for each described key, in order, with its section', () => {
    expect(valueRows(values)).toEqual([
      {
        key: 'mode',
        type: 'string',
        initial: '`"agent"`',
        about: 'What it is, in two lines.',
        section: 'First',
      },
      {
        key: 'bridge.address',
        type: 'string',
        initial: '`""`',
        about: 'Where it is.',
        section: 'Second',
      },
      {
        key: 'bridge.tls.secret',
        type: 'any',
        initial: 'none',
        about: 'Keys | certificates.',
        section: 'Second',
      },
      { key: 'replicas', type: 'int', initial: '`1`', about: 'How many.', section: 'Second' },
    ]);
  });

  it('refuses a value that nobody described', () => {
    expect(() => valueRows('a:\n  # -- Yes.\n  b: 1\n  c: 2\n')).toThrow(
      'a.c has no "# --" comment',
    );
  });
});

describe(chartReadme, () => {
  it('fills in the chart and its values', () => {
    const template = '# {{ chart.name }}\n\n{{ values }}\n';
    const text = chartReadme({ chart: 'name: x\n', values: '# -- One.\na: 1\n', template });

    expect(text).toContain('# x\n');
    expect(text).toContain('| a | int | `1` | One. |');
  });
});
