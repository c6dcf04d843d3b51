/**
 * Files in the shapes that Armory's documentation shows, one for each sample there: the program itself
 * takes each of them, and warns of nothing but what does nothing.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, 'armory-samples');
const account = 'kubernetes.accounts[0]';

/** The keys of each sample that are warned of, in the order in which they stand there. */
const samples: Readonly<Record<string, readonly string[]>> = {
  'agent-mode-form.yaml': [`${account}.serviceAccountName`],
  'agent-mode.yaml': [],
  'behind-a-proxy.yaml': ['kubernetes.noProxy', `${account}.noProxy`],
  'dynamic-accounts.yaml': ['dynamicAccountsEnabled', 'dynamicAccounts'],
  'health-port.yaml': [],
  'helm-agentyml.yaml': ['kubernetes.retries'],
  'helm-hub.yaml': ['hub'],
  'infrastructure-kubeconfigs.yaml': [],
  'kinds.yaml': [`${account}.metrics`],
  'kubernetes-secret.yaml': [],
  'logging-fields.yaml': [],
  'logging-rotation.yaml': [
    ...['logging.maxSizeMb', 'logging.maxAgeDays', 'logging.maxBackups'],
    ...['logging.localTime', 'logging.compress'],
  ],
  'mutual-tls-misspelt.yaml': ['clouddriver.tls.clientKeyPassword'],
  'mutual-tls.yaml': [],
  'pasted-from-clouddriver.yaml': [
    ...['kubernetes.enabled', 'kubernetes.primaryAccount', 'kubernetes.loadNamespacesInAccount'],
    ...[
      ...['requiredGroupMembership', 'providerVersion', 'dockerRegistries'],
      ...['configureImagePullSecrets', 'cacheThreads', 'cachingPolicies', 'oAuthScopes'],
      ...['liveManifestCalls', 'checkPermissionsOnStartup', 'kubectlRequestTimeoutSeconds'],
      ...['metrics', 'debug'],
    ].map((key) => `${account}.${key}`),
  ],
  'permissions-list.yaml': [],
  'permissions-numbers.yaml': [],
  'profiling.yaml': ['pprof'],
  'restricted-namespaces.yaml': [],
  'server-side-apply.yaml': [
    'kubernetes.serverSideApply',
    `${account}.skipServerSideApply`,
    `${account}.skipManifestDefaults`,
  ],
  'spinnaker-service-ha.yaml': ['timeoutSeconds'],
  'spinnaker-service.yaml': [],
  'starting-slowly.yaml': [
    ...['kubernetes.cacheGroupSize', 'kubernetes.cacheGroupDelayMs'],
    ...['kubernetes.reconnectTimeoutMs', 'tasks.queueCheckFrequencyMs'],
  ],
  'token-command.yaml': [],
  'token.yaml': [],
  'unsteady-link.yaml': [
    ...['clouddriver.keepAliveOperationSeconds', 'clouddriver.responseRetries'],
    'kubernetes.retries',
  ],
  'vault-injector-local.yaml': [],
  'vault-token.yaml': [],
  'vault.yaml': [],
};

interface Outcome {
  readonly file: string;
  readonly code: number;
  readonly output: string;
}

/** One process checks all: each start would load the program anew. */
const script = `
const [program, ...files] = process.argv.slice(1);
const { runAgentProgram } = await import(program);
const write = process.stdout.write.bind(process.stdout);
const outcomes = [];
for (const file of files) {
  let output = '';
  process.stdout.write = process.stderr.write = (text) => (output += text) !== '';
  const code = await runAgentProgram(['--check', '--config', file]);
  outcomes.push({ file, code, output });
}
write(JSON.stringify(outcomes));
`;

function checkAll(files: readonly string[]): Promise<Outcome[]> {
  const program = join(__dirname, '../src/node-agent-program.ts');
  const node = ['--conditions=@fairlead/source', '--input-type=module', '--eval', script];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...node, '--', program, ...files], (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as Outcome[]);
      else reject(new Error('the program failed', { cause: error }));
    });
  });
}

/** Path of the key in each line `FILE:LINE:COLUMN: warning: PATH: WHY`. */
const warnedOf = (text: string): string[] =>
  [...text.matchAll(/: warning: (\S+): not needed: \S/g)].map(([, path]) => path ?? '');

describe('a file in the shape that the documentation of the agent before shows', () => {
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    outcomes = await checkAll(Object.keys(samples).map((file) => join(folder, file)));
  }, 60_000);

  it('has its outcome here, whichever it is', () => {
    expect(Object.keys(samples).sort()).toEqual(readdirSync(folder).sort());
  });

  it.each(Object.entries(samples))('%s is taken', (file, paths) => {
    const { code, output } = outcomes.find((outcome) => outcome.file === join(folder, file))!;

    expect({ code, warned: warnedOf(output) }).toEqual({ code: 0, warned: paths });
    expect(output).toContain(
      `configuration is valid: 0 errors, ${paths.length} warning${paths.length === 1 ? '' : 's'}`,
    );
    expect(output).not.toContain('not-a-real');
  });
});
