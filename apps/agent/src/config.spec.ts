import { formatConfigProblem, readConfig } from '@fairlead/service-kit';
import { DEFAULT_OBJECT_POLICY } from '@fairlead/watch-engine';
import { accountProperties } from './account-config.ts';
import { agentConfigDefinition, deploymentName, type AgentConfig } from './config.ts';

function read(text: string, env: Record<string, string> = {}) {
  return readConfig(agentConfigDefinition, [{ source: 'agent.yaml', text }], env);
}

function valid(text: string, env?: Record<string, string>): AgentConfig {
  const result = read(text, env);
  if (result.kind === 'invalid') throw new Error(said(text).join('\n'));
  return result.config;
}

const said = (text: string): string[] => read(text).problems.map(formatConfigProblem);

const errors = (text: string): string[] => said(text).filter((line) => line.includes(': error: '));

/** Files as Armory's documentation describes them, option by option. */
const armoryFiles = {
  'agent mode, one cluster': `
clouddriver:
  grpc: spin-clouddriver-grpc:9091
  insecure: true
kubernetes:
  accounts:
    - name: account01
      serviceAccount: true
      serviceAccountName: spin-sa
`,
  'infrastructure mode with mutual TLS and permissions as a list': `
clouddriver:
  grpc: grpc.example.com:443
  insecure: false
  tls:
    serverName: grpc.example.com
    clientCertFile: file:///opt/certs/client.pem
    clientKeyFile: file:///opt/certs/client.key
    clientKeyFilePassword: changeit
    cacertFile: file:///opt/certs/ca.pem
  auth:
    tokenCommand: { command: get-token, args: [-q], format: raw, refreshIntervalSeconds: 60 }
  keepAliveHeartbeatSeconds: 60
  keepAliveTimeOutSeconds: 180
  keepAliveOperationSeconds: 0
  backoff: { baseDelay: 1000000000, multiplier: 1.6, jitter: 0.2, maxDelay: 120000000000 }
  responseRetries: { enabled: true, maxRetries: 3, backOffMs: 3000 }
kubernetes:
  noProxy: true
  reconnectTimeoutMs: 5000
  cacheGroupSize: 5
  cacheGroupDelayMs: 5000
  retries: { enabled: true, maxRetries: 3, backOffMs: 3000, retryAnyError: false }
  serverSideApply: { enabled: allowed, kinds: [{ kind: ConfigMap, enabled: always }] }
  accounts:
    - kubeConfigFile: /kubeconfigfiles/kubecfg-account01.yaml
      name: account01
      context: prod
      insecure: false
      oAuthScopes: []
      metrics: true
      kinds: [replicaSet, service, ingress, daemonSet, deployment, pod, statefulSet, job, cronJob]
      omitKinds: [podPreset]
      namespaces: [a, b]
      omitNamespaces: []
      onlyNamespacedResources: true
      onlySpinnakerManaged: true
      noProxy: false
      maxResumableResourceAgeMs: 300000
      customResourceDefinitions:
        - kind: Prometheus.monitoring.coreos.com
          scope: Namespaced
      permissions:
        - READ: ['team-a', 42]
        - WRITE: [team-a]
`,
  'a Clouddriver account pasted as it is': `
kubernetes:
  accounts:
    - name: pasted
      kubeconfigFile: /home/spinnaker/.kube/config
      requiredGroupMembership: []
      providerVersion: V2
      permissions: { READ: [a], WRITE: [a] }
      dockerRegistries: []
      configureImagePullSecrets: true
      cacheThreads: 1
      namespaces: []
      omitNamespaces: [kube-system]
      kinds: []
      omitKinds: []
      customResources: []
      cachingPolicies: []
      oAuthScopes: []
      onlySpinnakerManaged: false
      liveManifestCalls: true
      environment: prod
`,
  'everything around it': `
dynamicAccountsEnabled: true
timeoutSeconds: 0
hub: { auth: { armory: { clientId: a, secret: b } } }
kubernetes:
  accounts:
logging:
  level: INFO
  format: text
  multiWrite: true
  file: /var/log/agent.log
  maxSizeMb: 1
  maxAgeDays: 10
  maxBackups: 10
  localTime: true
  compress: false
  fields: { agentCluster: a }
pprof: { enabled: false, port: 6060 }
prometheus: { enabled: true, port: 8008 }
server:
  host: localhost
  port: 8082
  ssl: { enabled: false, certFile: a, keyFile: b, keyPassword: c, clientAuth: none }
secrets: { vault: { enabled: true, authMethod: KUBERNETES, role: spinnaker, path: kubernetes } }
tasks: { totalBudget: 0, budgetPerAccount: 0, queueCheckFrequencyMs: 2000 }
`,
};

describe('a file written for the agent that went before', () => {
  it.each(Object.entries(armoryFiles))('is taken unchanged: %s', (_name, text) => {
    expect(errors(text)).toEqual([]);
  });

  it('means the same here', () => {
    const config = valid(
      armoryFiles['infrastructure mode with mutual TLS and permissions as a list'],
    );
    const [account] = config.kubernetes.accounts;

    expect(config.clouddriver.tls.cacertFile).toBe('/opt/certs/ca.pem');
    expect(config.clouddriver.backoff.maxDelay).toBe(120_000);
    expect(account).toMatchObject({
      kubeconfigFile: '/kubeconfigfiles/kubecfg-account01.yaml',
      permissions: { READ: ['team-a', '42'], WRITE: ['team-a'] },
      maxResumableResourceAgeMs: 300_000,
    });
  });

  it('is told which of its keys do nothing, and why', () => {
    const lines = said(
      armoryFiles['infrastructure mode with mutual TLS and permissions as a list'],
    );

    expect(lines.every((line) => line.includes(': warning: '))).toBe(true);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^agent\.yaml:31:7: warning: kubernetes\.accounts\[0\]\.metrics: not needed: /,
      ),
    );
  });
});

describe('defaults', () => {
  it('are what the contract says', () => {
    const config = valid('kubernetes: { accounts: [{ name: a, serviceAccount: true }] }');

    expect(config.clouddriver).toMatchObject({
      grpc: 'spin-clouddriver-grpc:9091',
      insecure: false,
      keepAliveHeartbeatSeconds: 20,
    });
    expect(config.tasks).toEqual({ totalBudget: 1000, budgetPerAccount: 50 });
    expect(config.budget).toEqual({
      inFlightBytes: 67_108_864,
      inFlightBytesPerAccount: 8_388_608,
    });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8082 });
    expect(config.prometheus.port).toBe(8008);
    expect(config.kubernetes.accounts[0]).toMatchObject({
      kinds: [],
      onlyNamespacedResources: false,
      operations: { allow: 'all' },
    });
  });

  it('are overridden by the environment, booleans to false too', () => {
    const config = valid('clouddriver: { insecure: true }', {
      FAIRLEAD_CLOUDDRIVER_GRPC: 'b:1',
      FAIRLEAD_CLOUDDRIVER_INSECURE: 'false',
      FAIRLEAD_BUDGET_INFLIGHTBYTESPERACCOUNT: '1MiB',
      FAIRLEAD_KUBERNETES_ACCOUNTS: '[{ name: a, serviceAccount: true }]',
    });

    expect(config.clouddriver).toMatchObject({ grpc: 'b:1', insecure: false });
    expect(config.budget.inFlightBytesPerAccount).toBe(1_048_576);
    expect(config.kubernetes.accounts).toHaveLength(1);
  });
});

describe('mistakes', () => {
  it.each([
    [
      'clouddriver: { grpc: bridge }',
      '1:16: error: clouddriver.grpc: must have the form host:port',
    ],
    ['clouddrivr: {}', '1:1: error: clouddrivr: unknown key; did you mean "clouddriver"?'],
    [
      'clouddriver: { auth: { token: a, tokenFile: b } }',
      '1:16: error: clouddriver.auth: give only one of token, tokenFile and tokenCommand',
    ],
    [
      'kubernetes: { accounts: [{ name: a }] }',
      '1:26: error: kubernetes.accounts[0]: needs serviceAccount: true or a kubeconfigFile',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true, kubeconfigFile: b }] }',
      '1:37: error: kubernetes.accounts[0].serviceAccount: give either serviceAccount: true or kubeconfigFile, not both',
    ],
    [
      'kubernetes: { accounts: [{ serviceAccount: true }] }',
      '1:26: error: kubernetes.accounts[0].name: missing, a string is required',
    ],
    [
      'kubernetes: { accounts: [{ name: a b, serviceAccount: true }] }',
      '1:28: error: kubernetes.accounts[0].name: must not contain whitespace',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true }, { name: a, serviceAccount: true }] }',
      '1:63: error: kubernetes.accounts[1].name: another account has this name',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true, permissions: { READ: ["a b"] } }] }',
      '1:81: error: kubernetes.accounts[0].permissions.READ[0]: a role must not be empty or contain whitespace',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true, permissions: [{ READ: ["a b"] }] }] }',
      '1:82: error: kubernetes.accounts[0].permissions[0].READ[0]: a role must not be empty or contain whitespace',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true, onlyNamespacedResources: true }] }',
      '1:59: error: kubernetes.accounts[0].onlyNamespacedResources: needs namespaces',
    ],
    [
      'kubernetes: { accounts: [{ name: a, serviceAccount: true, operations: { allow: some } }] }',
      '1:73: error: kubernetes.accounts[0].operations.allow: must be all, read-only, none, or a list of rules with verbs, groups and resources (and namespaces, names), or with verbs and nonResourceURLs',
    ],
    [
      'budget: { inFlightBytes: lots }',
      '1:11: error: budget.inFlightBytes: must be a size such as 64MiB or a number of bytes',
    ],
    [
      'logging: { level: loud }',
      '1:12: error: logging.level: must be one of panic, fatal, error, warning, warn, info, debug, trace, silent',
    ],
  ])('%p', (text, problem) => {
    expect(errors(text)).toEqual([`agent.yaml:${problem}`]);
  });

  it('are all listed at once', () => {
    const text =
      'clouddriver: { grpc: x, insecur: true }\nserver: { port: 99999 }\ntasks: { totalBudget: -1 }';

    expect(errors(text)).toHaveLength(4);
  });

  it('are found between keys although other values have the wrong type', () => {
    const text = `
clouddriver: { insecure: maybe, auth: { token: 5, tokenFile: b } }
kubernetes:
  accounts:
    - { name: a, kinds: pod }
    - 5
    - { name: a, serviceAccount: sure }
    - { name: b, kubeconfigFile: 7, onlyNamespacedResources: true }
tasks: 5
`;

    expect(errors(text).map((line) => line.replace('agent.yaml:', ''))).toEqual([
      '2:16: error: clouddriver.insecure: must be a boolean',
      '2:33: error: clouddriver.auth: give only one of token, tokenFile and tokenCommand',
      '2:41: error: clouddriver.auth.token: must be a string',
      '5:7: error: kubernetes.accounts[0]: needs serviceAccount: true or a kubeconfigFile',
      '5:18: error: kubernetes.accounts[0].kinds: must be an array',
      '6:7: error: kubernetes.accounts[1]: must be an object',
      '7:9: error: kubernetes.accounts[2].name: another account has this name',
      '7:18: error: kubernetes.accounts[2].serviceAccount: must be a boolean',
      '8:18: error: kubernetes.accounts[3].kubeconfigFile: must be a string',
      '8:37: error: kubernetes.accounts[3].onlyNamespacedResources: needs namespaces',
      '9:1: error: tasks: must be an object',
    ]);
  });
});

describe('scrubbing', () => {
  it('asks for no values of Secrets and leaves managedFields out, if nothing is said', () => {
    expect(valid('').scrubbing).toEqual(DEFAULT_OBJECT_POLICY);
  });

  it('takes rules for more kinds; given pruning replaces the default', () => {
    const { scrubbing } = valid(`
scrubbing:
  secrets: scrub
  redact:
    - kinds: [crontab.stable.example.com]
      paths: ['.spec.env[*].value', ".data['tls.key']", '{.spec.token}']
  prune: []
`);

    expect(scrubbing).toEqual({
      secrets: 'scrub',
      redact: [
        {
          kinds: ['crontab.stable.example.com'],
          paths: ['.spec.env[*].value', ".data['tls.key']", '{.spec.token}'],
        },
      ],
      prune: [],
    });
  });

  it('takes the mode of Secrets from the environment', () => {
    expect(valid('', { FAIRLEAD_SCRUBBING_SECRETS: 'scrub' }).scrubbing.secrets).toBe('scrub');
  });

  it('is wrong with every wrong path, kind and key, each at its place', () => {
    const text = `
scrubbing:
  secrets: keep
  redact:
    - { kinds: [], paths: ['.spec.a', 'spec', '.spec[?(@.a)]'] }
    - { kind: pod, paths: ['.metadata.name'] }
  prune:
    - { kinds: ['*'], paths: ['.metadata'] }
`;

    expect(
      errors(text).map((line) => line.replace(/^agent.yaml:(\d+):\d+: error: /, '$1 ')),
    ).toEqual([
      expect.stringMatching(/^3 scrubbing.secrets: /),
      expect.stringMatching(/^5 scrubbing.redact\[0\].kinds: /),
      expect.stringMatching(/^5 scrubbing.redact\[0\].paths\[1\]: /),
      expect.stringMatching(/^5 scrubbing.redact\[0\].paths\[2\]: /),
      expect.stringMatching(/^6 scrubbing.redact\[1\].kinds: /),
      expect.stringMatching(/^6 scrubbing.redact\[1\].kind: .*did you mean/),
      expect.stringMatching(/^6 scrubbing.redact\[1\].paths\[0\]: /),
      expect.stringMatching(/^8 scrubbing.prune\[0\].paths\[0\]: /),
    ]);
  });
});

describe(accountProperties, () => {
  it('tells the bridge what Clouddriver knows of an account, and nothing of credentials', () => {
    const [account] = valid(armoryFiles['a Clouddriver account pasted as it is']).kubernetes
      .accounts;

    const properties = accountProperties(account!);

    expect(properties).toMatchObject({
      permissions: { READ: ['a'], WRITE: ['a'] },
      omitNamespaces: ['kube-system'],
      operations: { allow: 'all' },
      environment: 'prod',
    });
    expect(JSON.stringify(properties)).not.toMatch(/kube\/config|kubeconfig/);
  });
});

describe(deploymentName, () => {
  it.each([
    ['spin-armory-agent-5d9c7b8f6d-x2x4z', 'spin-armory-agent'],
    ['agent-0', 'agent-0'],
    ['my-laptop', 'my-laptop'],
  ])('of %p is %p', (pod, name) => {
    expect(deploymentName(pod)).toBe(name);
  });
});
