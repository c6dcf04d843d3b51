import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@fairlead/service-kit';
import { bridgeConfigDefinition, isLoopback, openDoors, plainDoors } from './config.ts';

function read(text: string, env = {}) {
  return readConfig(bridgeConfigDefinition, [{ source: 'bridge.yaml', text }], env);
}

function problems(text: string): string[] {
  return read(text).problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('the configuration', () => {
  it('serves loopback with an embedded database when it says nothing', () => {
    const result = readConfig(bridgeConfigDefinition, []);

    expect(result).toMatchObject({
      kind: 'valid',
      problems: [],
      config: {
        grpc: { host: '127.0.0.1', port: 9091 },
        http: { host: '127.0.0.1', port: 9080 },
        sql: { url: 'embedded:./fairlead-data', pool: { max: 10 } },
        registry: { gracePeriodSeconds: 600 },
        antiEntropy: { intervalSeconds: 3600 },
      },
    });
  });

  it('understands the whole of what is promised', () => {
    const result = read(`
grpc: { host: 0.0.0.0, port: 9091, tls: { certFile: a, keyFile: b, clientCaFile: c, clientAuth: require } }
http: { host: 0.0.0.0, port: 9080, tls: { certFile: a, keyFile: b } }
sql: { url: 'postgres://u:p@db/x', schema: clouddriver, tableNamespace: foo, pool: { max: 10 } }
auth:
  agents:
    - { token: t, accounts: ["team-a-*"] }
    - { tokenFile: /t, accounts: ["team-b-*"] }
    - { x509Subject: "CN=agent-c", accounts: ["team-c-*"] }
  clients: [{ tokenFile: /t, name: deck, accounts: ["*"], access: read }]
clouddriver:
  accounts: { enabled: true, gatewayUrl: https://bridge:9080, gatewayCaFile: c, gatewayTokenFile: t }
  lockAgents: true
registry: { gracePeriodSeconds: 60 }
budget: { inFlightBytes: 512MiB, inFlightBytesPerAccount: 4MiB }
logging: { level: INFO, format: json }
`);

    expect(result).toMatchObject({
      kind: 'valid',
      problems: [],
      config: { budget: { inFlightBytesPerAccount: 4 * 1024 * 1024 } },
    });
  });

  it('understands every way to prove who one is', () => {
    const tls = 'tls: { certFile: a, keyFile: b, clientCaFile: c, clientAuth: optional }';
    const result = read(`
http: { ${tls} }
auth:
  agents:
    - jwt: { issuer: https://idp, audience: fairlead, jwksUrl: https://idp/keys, jwksCaFile: /ca, subject: 'agent-*', claims: { team: a } }
      accounts: ['*']
    - jwt: { issuer: x, audience: fairlead, jwksFile: /keys }
      accounts: ['*']
    - serviceAccount: { subject: 'system:serviceaccount:fairlead:*', audience: fairlead, kubeconfigFile: /kube, context: c }
      accounts: ['*']
    - serviceAccount: { subject: 'system:serviceaccount:fairlead:agent', audience: fairlead, inCluster: true }
      accounts: ['*']
    - serviceAccount: { subject: 'system:serviceaccount:fairlead:agent', audience: fairlead, issuer: https://k, jwksUrl: https://k/openid/v1/jwks }
      accounts: ['*']
  clients:
    - { name: people, jwt: { issuer: i, audience: a, jwksUrl: 'http://127.0.0.1:1/k', groupsClaim: roles }, groups: [team-a], permissions: ignore }
    - { name: proxy, x509Subject: CN=proxy, impersonate: { users: ['*'], groups: [team-*] } }
`);

    expect(result).toMatchObject({ kind: 'valid', problems: [] });
  });

  it('says what is wrong with a way to prove who one is', () => {
    const subject = 'system:serviceaccount:fairlead:agent';

    expect(
      problems(`
auth:
  agents:
    - { jwt: { issuer: i, audience: a }, accounts: ['*'] }
    - { jwt: { issuer: i, audience: a, jwksUrl: 'http://idp/keys' }, token: t, accounts: ['*'] }
    - { serviceAccount: { subject: root, audience: a, inCluster: true }, accounts: ['*'] }
    - { serviceAccount: { subject: '${subject}', audience: a }, accounts: ['*'] }
    - { serviceAccount: { subject: '${subject}', audience: a, jwksFile: /k }, accounts: ['*'] }
  clients:
    - { name: a, token: t, groups: [g] }
    - { name: b, x509Subject: CN=b }
`),
    ).toEqual([
      'auth.agents[0].jwt: needs exactly one of jwksUrl, jwksFile',
      'auth.agents[1]: needs exactly one of token, tokenFile, x509Subject, jwt, serviceAccount',
      'auth.agents[1].jwt.jwksUrl: must be https, or http from loopback',
      'auth.agents[2].serviceAccount.subject: must be system:serviceaccount:NAMESPACE:NAME',
      'auth.agents[3].serviceAccount: needs exactly one of kubeconfigFile, inCluster, jwksUrl, jwksFile',
      'auth.agents[4].serviceAccount.issuer: is needed with jwksUrl or jwksFile',
      'auth.clients[0].groups: needs jwt: only it names groups',
      'auth.clients[1].x509Subject: needs http.tls with clientAuth optional or require',
    ]);
  });

  it('writes no definitions without a gateway, nor beside a database of its own', () => {
    const text = 'clouddriver: { accounts: { enabled: true } }';
    const besideClouddriver = "sql: { url: 'postgres://db/x', schema: clouddriver }\n";
    const withGateway = 'clouddriver: { accounts: { enabled: true, gatewayUrl: http://b:9080/ } }';

    const said = [problems(text), problems(besideClouddriver + withGateway)];

    expect(said).toEqual([
      [
        'clouddriver.accounts.enabled: needs gatewayUrl',
        expect.stringContaining("clouddriver.accounts.enabled: needs Clouddriver's database"),
      ],
      [],
    ]);
  });

  it.each([
    ['grpc: { host: 0.0.0.0 }', 'auth.agents: must not be empty'],
    ['http: { host: "::" }', 'auth.clients: must not be empty'],
    ['grpc: { host: 0.0.0.0 }', 'grpc.host: needs grpc.tls'],
    ['http: { host: "::" }', 'http.host: needs http.tls'],
    ['auth: { agents: [{ accounts: ["*"] }] }', 'auth.agents[0]: needs exactly one of'],
    ['auth: { agents: [{ token: a, tokenFile: b, accounts: ["*"] }] }', 'needs exactly one of'],
    ['auth: { agents: [{ x509Subject: "CN=a", accounts: ["*"] }] }', 'needs grpc.tls'],
    ['auth: { clients: [{ name: a }] }', 'auth.clients[0]: needs exactly one of'],
    ['grpc: { tls: { certFile: a, keyFile: b, clientAuth: require } }', 'clientCaFile: is needed'],
    ['sql: { tableNamespace: "a-b" }', 'sql.tableNamespace: may hold'],
    ['sql: { pool: { max: 1 } }', 'must be at least 2'],
    ['registry: { gracePeriodSecond: 1 }', 'did you mean "gracePeriodSeconds"'],
  ])('finds what is wrong with %s', (text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
    expect(read(text).kind).toBe('invalid');
  });

  it('finds what is wrong between keys although other values have the wrong type', () => {
    const text = `
grpc: { host: 0.0.0.0, port: many, tls: { certFile: a, keyFile: b, clientAuth: require } }
http: { host: 0.0.0.0, tls: 5 }
auth:
  agents: [5, { token: 7, tokenFile: b, accounts: '*' }]
  clients: []
sql: 5
`;

    expect(problems(text)).toEqual([
      'grpc.port: must be a number',
      'grpc.tls.clientCaFile: is needed to check client certificates',
      'http.tls: must be an object',
      'auth.agents[0]: must be an object',
      'auth.agents[1]: needs exactly one of token, tokenFile, x509Subject, jwt, serviceAccount',
      'auth.agents[1].token: must be a string',
      'auth.agents[1].accounts: must be an array',
      'auth.clients: must not be empty: without it only loopback addresses are served, unless auth.insecure is true',
      'sql: must be an object',
    ]);
  });

  it.each(['auth: 5', 'grpc: 5', 'auth: { agents: 5, insecure: 7 }', 'grpc: { host: 5, tls: 5 }'])(
    'says one thing of each wrong value: %s',
    (text) => {
      expect(problems(text).every((problem) => problem.includes(': must be a'))).toBe(true);
      expect(read(text).kind).toBe('invalid');
    },
  );

  it('serves everybody everywhere when told to be insecure', () => {
    const result = read(
      '{ grpc: { host: 0.0.0.0 }, http: { host: 0.0.0.0 }, auth: { insecure: true } }',
    );

    expect(result.kind).toBe('valid');
    if (result.kind !== 'valid') return;
    expect(openDoors(result.config)).toContain(
      'agents on 0.0.0.0:9091 and the API on 0.0.0.0:9080',
    );
  });

  it('serves in plain text to more than this machine only when told to, and says so', () => {
    const auth = '{ agents: [{ token: a, accounts: ["*"] }], clients: [{ name: a, token: b }] }';
    const result = read(
      `{ grpc: { host: 0.0.0.0, insecure: true }, http: { host: 127.0.0.2 }, auth: ${auth} }`,
    );

    expect(result).toMatchObject({ kind: 'valid', problems: [] });
    if (result.kind !== 'valid') return;
    expect(plainDoors(result.config)).toContain('NO ENCRYPTION on grpc (0.0.0.0:9091): ');
    expect(openDoors(result.config)).toBeUndefined();
  });

  it('takes keys from the environment', () => {
    const result = read('', { FAIRLEAD_SQL_URL: 'mysql://db/x', FAIRLEAD_GRPC_PORT: '1234' });

    expect(result).toMatchObject({
      config: { sql: { url: 'mysql://db/x' }, grpc: { port: 1234 } },
    });
  });
});

describe(openDoors, () => {
  it('warns of nothing when both doors are guarded', () => {
    const auth = '{ agents: [{ token: a, accounts: ["*"] }], clients: [{ name: a, token: b }] }';
    const result = read(`auth: ${auth}`);

    expect(result.kind === 'valid' && openDoors(result.config)).toBeUndefined();
  });
});

describe(isLoopback, () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.evil.example', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
