import { checkConfig, parseServiceArguments } from './service-cli.ts';

const program = {
  name: 'fairlead-x',
  version: '1.2.3',
  description: 'Does x.',
  defaultFiles: ['/etc/x.yaml'],
};

describe(parseServiceArguments, () => {
  it('collects configuration files in order', () => {
    expect(parseServiceArguments(['--config', 'a', '--config=b'], program)).toEqual({
      kind: 'run',
      configFiles: ['a', 'b'],
    });
    expect(parseServiceArguments(['--check'], program)).toEqual({ kind: 'check', configFiles: [] });
  });

  it('prints help and version with code 0', () => {
    const help = parseServiceArguments(['--help'], program);

    expect(help).toMatchObject({ kind: 'exit', code: 0 });
    expect(help.kind === 'exit' && help.text).toContain('/etc/x.yaml');
    expect(parseServiceArguments(['--version'], program)).toEqual({
      kind: 'exit',
      code: 0,
      text: '1.2.3',
    });
  });

  it.each([[['--confg', 'a']], [['stray']], [['--config']]])('refuses %p with code 2', (args) => {
    expect(parseServiceArguments(args, program)).toMatchObject({ kind: 'exit', code: 2 });
  });
});

describe(checkConfig, () => {
  const problem = {
    severity: 'warning',
    path: 'a.b',
    message: 'not needed: x',
    at: { source: 'f.yaml', line: 2, column: 3 },
  } as const;

  it('passes with warnings', () => {
    const result = checkConfig({ kind: 'valid', config: {}, problems: [problem] }, ['f.yaml']);

    expect(result).toEqual({
      code: 0,
      text: 'f.yaml:2:3: warning: a.b: not needed: x\nconfiguration is valid: 0 errors, 1 warning (f.yaml)',
    });
  });

  it('fails with 2 on errors', () => {
    const problems = [{ ...problem, severity: 'error' } as const];

    expect(checkConfig({ kind: 'invalid', problems }, []).code).toBe(2);
  });
});
