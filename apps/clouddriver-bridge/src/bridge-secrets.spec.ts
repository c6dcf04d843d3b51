import { describe, expect, it } from '@jest/globals';
import { createLogger, HealthRegistry, readConfig } from '@fairlead/service-kit';
import { databaseUrl, openBridgeSecrets } from './bridge-secrets.ts';
import { bridgeConfigDefinition } from './config.ts';

function setUp(text: string, environment: Record<string, string> = {}) {
  const result = readConfig(bridgeConfigDefinition, [{ source: 'test', text }]);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  const { config } = result;
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    // Time passes for whoever waits to start; who follows waits for ever.
    sleep: (ms: number) => {
      if (ms !== 500) return new Promise<void>(() => undefined);
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const lines: string[] = [];
  const open = () =>
    openBridgeSecrets({
      ...{ config, clock, environment, health: new HealthRegistry(clock) },
      random: { next: () => 0.5 },
      log: createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } }),
      lifecycle: {
        signal: new AbortController().signal,
        onStop: () => undefined,
        stop: () => undefined,
      },
    });
  return { config, open, lines };
}

describe(openBridgeSecrets, () => {
  it('gives up with engine, place and reason after a minute', async () => {
    const { open, lines } = setUp(`sql: { url: 'encrypted:env!n:NOT_THERE' }`);

    await expect(open()).rejects.toThrow(
      /^the bridge cannot start: engine env, variable NOT_THERE: it is not set$/,
    );
    expect(lines.filter((line) => line.includes('secret cannot be read'))).toHaveLength(1);
  });

  it('does not wait for what it can start without', async () => {
    const { open } = setUp(
      `auth: { agents: [{ token: 'encrypted:env!n:NOT_THERE', accounts: ['*'] }] }`,
    );

    const secrets = await open();

    expect(secrets.troubles().map(({ code }) => code)).toEqual(['notFound']);
  });
});

describe(databaseUrl, () => {
  it.each([
    [`sql: { url: 'encrypted:env!n:URL' }`, 'postgres://a:b@db/x'],
    [
      `sql: { url: 'postgres://u:old@db/x', password: 'encrypted:env!n:P' }`,
      'postgres://u:p%40%2F@db/x',
    ],
    [
      `sql: { url: 'mysql://db/x?ssl=1', user: u, password: 'encrypted:env!n:P' }`,
      'mysql://u:p%40%2F@db/x?ssl=1',
    ],
    [`sql: { url: 'encrypted:env!n:URL', user: 'encrypted:env!n:P' }`, 'postgres://p%40%2F:b@db/x'],
    [`sql: { url: 'embedded:./data' }`, 'embedded:./data'],
  ])('of %s', async (text, url) => {
    const { config, open } = setUp(text, { URL: 'postgres://a:b@db/x', P: 'p@/' });

    expect(await databaseUrl(config.sql, await open())).toBe(url);
  });

  it('has no user for an embedded database', () => {
    expect(() => setUp(`sql: { url: 'embedded:./data', password: hunter2 }`)).toThrow(
      'an embedded database has none',
    );
  });
});
