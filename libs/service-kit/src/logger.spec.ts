import { createLogger, logLevelSchema, type LoggerOptions } from './logger.ts';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void =>
    void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { lines, logger: createLogger({ name: 'test', destination: { write }, ...options }) };
}

describe(createLogger, () => {
  it('writes one JSON object per line with time, level name, program and fields', () => {
    const { lines, logger } = capture({ fields: { zone: 'eu' } });

    logger.info({ account: 'prod' }, 'account accepted');

    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        name: 'test',
        zone: 'eu',
        account: 'prod',
        msg: 'account accepted',
      },
    ]);
  });

  it('drops lines below its level', () => {
    const { lines, logger } = capture({ level: 'warn' });

    logger.info('no');
    logger.warn('yes');

    expect(lines.map((line) => line.msg)).toEqual(['yes']);
  });

  it('censors fields whose name says secret', () => {
    const { lines, logger } = capture();

    logger.info(
      { token: 'abc', auth: { password: 'abc' }, a: { b: { authorization: 'abc' } } },
      'x',
    );

    expect(JSON.stringify(lines)).not.toContain('abc');
  });
});

describe('logLevelSchema', () => {
  it.each([
    ['INFO', 'info'],
    ['Warning', 'warn'],
    ['panic', 'fatal'],
    ['trace', 'trace'],
  ])('reads %p as %p', (name, level) => {
    expect(logLevelSchema.parse(name)).toBe(level);
  });

  it('refuses an unknown level', () => {
    expect(logLevelSchema.safeParse('loud').success).toBe(false);
  });
});
