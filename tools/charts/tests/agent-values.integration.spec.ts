// The agent's chart without a cluster: values that make no sense are refused in words that help, and
// what it writes for each mode is a configuration that the agent itself calls valid.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUnavailable } from '@fairlead/testbed';
import { parse } from 'yaml';
import {
  chartsRoot,
  findCharts,
  helmTemplate,
  parseManifests,
  repositoryRoot,
  runHelm,
  type Manifest,
} from '../src/index.ts';

const chart = join(chartsRoot, 'fairlead-agent');
/** All but the one whose configuration is somebody else's. */
const examples = findCharts()
  .find(({ name }) => name === 'fairlead-agent')!
  .examples.filter(({ name }) => name !== 'spinnaker-service');
const startMs = 900_000;
const timeoutMs = 60_000;

/** What is needed in any case, in mode agent. */
const bridge = ['bridge.address=bridge.example:9091', 'bridge.token=t0ken'];
const one = [...bridge, 'account.name=prod-eu'];
const others = [...bridge, 'mode=infrastructure'];
const beside = ['mode=spinnaker-service', 'spinnakerService.configMap=kubesvc'];
const certificate = 'bridge.tls.clientCertificate';

/** Values as after --set, and words of the refusal. */
const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['nothing at all', [], /account\.name is needed.*--set account\.name=/s],
  ['no address', ['account.name=a', 'bridge.token=t'], /bridge\.address is needed/],
  ['a URL for an address', [...one, 'bridge.address=https://b:1'], /without a scheme/],
  ['nothing to get in with', ['account.name=a', 'bridge.address=b:1'], /bridge\.anonymous=true/],
  ['an account with blanks', [...bridge, 'account.name=a b'], /a b: a name has no blanks/],
  [
    'token and Secret',
    [...one, 'bridge.existingSecret=s'],
    /only one of bridge\.token, bridge\.existingSecret/,
  ],
  [
    'two kinds of tokens',
    [...one, 'bridge.serviceAccountToken.enabled=true'],
    /only one of bridge\.token, bridge\.serviceAccountToken/,
  ],
  ['anonymous with a token', [...one, 'bridge.anonymous=true'], /means without a token/],
  ['an unknown key', [...one, 'acount.name=a'], /'acount' not allowed/],
  ['an unknown key below', [...one, 'bridge.adress=a:1'], /'adress' not allowed/],
  ['no replicas', [...one, 'replicas=0'], /'\/replicas': minimum: got 0, want 1/],
  ['an unknown mode', [...one, 'mode=cluster'], /'agent', 'infrastructure', 'spinnaker-service'/],
  ['an unknown access', [...one, 'rbac.access=write'], /'read-only', 'full'/],
  ['infrastructure without clusters', others, /infrastructure needs clusters: kubeconfigs/],
  ['an own account in infrastructure', [...others, 'account.name=a'], /of mode agent runs in/],
  ['kubeconfigs in mode agent', [...one, 'kubeconfigs.a.secret=s'], /set mode=infrastructure/],
  ['a kubeconfig from nowhere', [...others, 'kubeconfigs.a.key=k'], /exactly one of file, secret/],
  [
    'a kubeconfig from two places',
    [...others, 'kubeconfigs.a.secret=s', 'kubeconfigs.a.file=f'],
    /exactly one of file, secret/,
  ],
  [
    'a kubeconfig under another name',
    [...others, 'kubeconfigs.a.secret=s', 'kubeconfigs.a.name=b'],
    /leave name, kubeconfigFile and serviceAccount out/,
  ],
  [
    'a service account in infrastructure',
    [...others, 'accounts[0].name=a', 'accounts[0].serviceAccount=true'],
    /which is for mode agent/,
  ],
  ['nothing beside Clouddriver', [...bridge, 'mode=spinnaker-service'], /needs spinnakerService/],
  ['a ConfigMap in mode agent', [...one, 'spinnakerService.configMap=c'], /needs mode=spinnaker/],
  ['more for a ConfigMap', [...beside, 'config.zone=z'], /put what config.* into it/],
  [
    'roles in namespaces elsewhere',
    [...others, 'rbac.namespaced=true'],
    /is about the service acc/,
  ],
  ['namespaces for a ClusterRole', [...one, 'rbac.namespaces={a}'], /needs rbac\.namespaced=true/],
  ['kinds to write, read-only', [...one, 'rbac.writeKinds={job}'], /needs rbac\.access=full/],
  ['a kind without a group', [...one, 'account.kinds={crontab}'], /write it with its group/],
  [
    'TLS without TLS',
    [...one, 'bridge.insecure=true', 'bridge.tls.serverName=b'],
    /leave bridge\.tls/,
  ],
  [
    'two CAs',
    [...one, 'bridge.tls.ca.existingSecret=a', 'bridge.tls.ca.existingConfigMap=b'],
    /one of bridge\.tls\.ca\.pem/,
  ],
  ['a CA that is none', [...one, 'bridge.tls.ca.pem=abc'], /BEGIN CERTIFICATE/],
  [
    'two client certificates',
    [
      ...one,
      `${certificate}.existingSecret=a`,
      `${certificate}.certManager.enabled=true`,
      `${certificate}.certManager.issuerRef.name=i`,
    ],
    /certManager\.enabled, not both/,
  ],
  ['a certificate by nobody', [...one, `${certificate}.certManager.enabled=true`], /which issuer/],
  ['health on loopback', [...one, 'server.host=127.0.0.1'], /come from outside the pod/],
  ['a port for root', [...one, 'server.port=80'], /'\/server\/port': minimum/],
  ['a port of its own in config', [...one, 'config.server.port=1'], /set server\.port/],
  [
    'a monitor of nothing',
    [...one, 'metrics.enabled=false', 'podMonitor.enabled=true'],
    /needs metr/,
  ],
  ['an end before the end', [...one, 'terminationGracePeriodSeconds=5'], /want 30/],
  ['a digest that is none', [...one, 'image.digest=latest'], /does not match pattern/],
  ['text that is no YAML', [...one, 'agentyml=a: ['], /agentyml is not YAML/],
];

const whenHelm = isUnavailable('helm') ? describe.skip : describe;

whenHelm('values of the agent', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-values-'));
    // Built now if need be, so that no test waits for it.
    await runHelm(['version']);
  }, startMs);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const render = async (set: readonly string[], apiVersions: readonly string[] = []) => {
    const outcome = await helmTemplate(chart, { set, apiVersions });
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return parseManifests(outcome.stdout);
  };
  const configOf = async (set: readonly string[]) => {
    const text = textOf(await render(set));
    return parse(text) as AgentConfig;
  };

  it.each(refusals)('are refused with words that help: %s', async (_, set, words) => {
    const { code, stderr } = await helmTemplate(chart, { set });

    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain('t0ken');
  });

  it('are all known to the schema, and the schema knows no others', async () => {
    const [values, schema] = await Promise.all(
      ['values.yaml', 'values.schema.json'].map((file) => readFile(join(chart, file), 'utf8')),
    );

    expect(keysOfSchema(JSON.parse(schema!) as Schema).sort()).toEqual(
      expect.arrayContaining(keysOfValues(parse(values!))),
    );
  });

  it(
    'make configurations that the agent calls valid, in every mode',
    async () => {
      const files: string[] = [];
      const write = async (name: string, manifests: readonly Manifest[]) => {
        files.push(join(folder, `${name}.yaml`));
        await writeFile(files.at(-1)!, textOf(manifests));
      };
      for (const { name, valuesFile } of examples) {
        const { stdout } = await helmTemplate(chart, { valuesFiles: [valuesFile] });
        await write(name, parseManifests(stdout));
      }
      const text =
        'kubernetes: { accounts: [{ name: a, kubeconfigFile: /kubeconfigfiles/a.yaml }] }';
      const set = ['mode=spinnaker-service', 'kubeconfigsSecret=k', `agentyml=${escape(text)}`];
      await write('beside', await render([...bridge, ...set]));

      const verdicts = await checkConfigs(files);

      expect(verdicts.filter((verdict) => !verdict.includes(': 0 errors, 0 warnings'))).toEqual([]);
      expect(verdicts).toHaveLength(files.length);
    },
    timeoutMs,
  );

  it('come under agentyml and config, and accounts add up', async () => {
    const set = [
      ...one,
      'agentyml=logging: {level: debug}\nkubernetes: {accounts: [{name: other}]}\nbudget: {inFlightBytes: 1MiB}',
      'config.budget.inFlightBytes=2MiB',
      'config.prometheus.enabled=false',
    ];

    expect(await configOf(set)).toMatchObject({
      logging: { level: 'debug' },
      budget: { inFlightBytes: '2MiB' },
      prometheus: { enabled: false },
      kubernetes: {
        accounts: [
          { name: 'other', serviceAccount: true },
          { name: 'prod-eu', serviceAccount: true },
        ],
      },
    });
  });

  it("are Armory's where its chart had them", async () => {
    const set = [
      'config.clouddriver.grpc=bridge.example:9091',
      'config.clouddriver.insecure=true',
      'config.clouddriver.auth.token=t',
      'config.kubernetes.accounts[0].name=prod-eu',
    ];

    expect(await configOf(set)).toMatchObject({
      clouddriver: { grpc: 'bridge.example:9091', insecure: true, auth: { token: 't' } },
      kubernetes: { accounts: [{ name: 'prod-eu', serviceAccount: true }] },
    });
  });

  it('name kubeconfigs from Secrets, from values and from secret engines', async () => {
    const set = [
      ...others,
      'kubeconfigs.a.secret=clusters',
      'kubeconfigs.b.file=apiVersion: v1',
      'kubeconfigs.c.reference=encryptedFile:vault!e:secret!p:clusters/c!k:kubeconfig',
      'kubeconfigs.c.omitKinds={job}',
    ];
    const manifests = await render(set);

    expect((parse(textOf(manifests)) as AgentConfig).kubernetes.accounts).toEqual([
      { name: 'a', kubeconfigFile: '/kubeconfigfiles/a.yaml' },
      { name: 'b', kubeconfigFile: '/kubeconfigfiles/b.yaml' },
      {
        ...{ name: 'c', omitKinds: ['job'] },
        kubeconfigFile: 'encryptedFile:vault!e:secret!p:clusters/c!k:kubeconfig',
      },
    ]);
    expect(volumesOf(manifests).find(({ name }) => name === 'kubeconfigs')).toMatchObject({
      projected: {
        sources: [
          // Missing, it downs its own account and not the pod.
          {
            secret: {
              ...{ name: 'clusters', optional: true },
              items: [{ key: 'kubeconfig', path: 'a.yaml' }],
            },
          },
          { secret: { name: 'fairlead-agent-kubeconfigs', items: [{ path: 'b.yaml' }] } },
        ],
      },
    });
  });

  it(
    "reach a file of somebody else's by the environment, under names that the agent knows",
    async () => {
      const set = [
        ...beside,
        ...['bridge.address=b:9091', 'bridge.existingSecret=t', 'bridge.tls.serverName=b'],
        ...['bridge.tls.ca.existingSecret=c', 'bridge.tls.insecureSkipVerify=true'],
        `${certificate}.existingSecret=k`,
      ];
      const file = join(folder, 'kubesvc.yaml');
      await writeFile(file, 'kubernetes: { accounts: [{ name: a, kubeconfigFile: /k/a.yaml }] }');
      const env = environmentOf(await render(set));

      expect(Object.keys(env)).toEqual(
        expect.arrayContaining([
          ...['FAIRLEAD_SERVER_HOST', 'FAIRLEAD_CLOUDDRIVER_TLS_CLIENTKEYFILE'],
          'FAIRLEAD_CLOUDDRIVER_AUTH_TOKENFILE',
        ]),
      );
      const wrong = { ...env, FAIRLEAD_SERVER_PORTT: '1', FAIRLEAD_SERVER_PORT: 'x' };
      const [[right], verdict] = await Promise.all([
        checkConfigs([file], env),
        checkConfigs([file], wrong),
      ]);
      expect(right).toMatch(/configuration is valid: 0 errors, 0 warnings/);
      expect(verdict.at(-1)).toMatch(/is not valid: 1 error, 1 warning /);
    },
    timeoutMs,
  );

  it('let the agent read the Secrets of its namespace that it is referred to, no others', async () => {
    const account = (name: string, ns: string) => [
      `accounts[0].name=${name}`,
      `accounts[0].kubeconfigFile=encryptedFile:k8s!n:${name}!k:kubeconfig${ns}`,
    ];
    const set = ['mode=infrastructure', 'bridge.address=b:1', 'replicas=1'];
    const token = 'bridge.tokenReference=encrypted:k8s!n:bridge-token!k:token';
    const own = await render([...set, token, ...account('clusters', '!ns:fairlead')]);
    const others = await render([...set, 'bridge.existingSecret=s', ...account('c', '!ns:other')]);

    expect(own.find(({ kind }) => kind === 'Role')).toMatchObject({
      metadata: { namespace: 'fairlead' },
      rules: [{ resources: ['secrets'], resourceNames: ['bridge-token', 'clusters'] }],
    });
    expect(templateOf(own).spec).toMatchObject({ automountServiceAccountToken: true });
    expect(others.filter(({ kind }) => kind === 'Role')).toEqual([]);
    expect(templateOf(others).spec).toMatchObject({ automountServiceAccountToken: false });
  });

  it('show Vault the service account only where it asks for it', async () => {
    const set = [...others, 'kubeconfigs.a.reference=encryptedFile:vault!e:s!p:a!k:k'];
    const vault = ['enabled=true', 'url=https://vault.example', 'role=agent'];
    const by = (method: string) =>
      [...vault, `authMethod=${method}`].map((key) => `secretEngines.vault.${key}`);

    expect(templateOf(await render([...set, ...by('KUBERNETES')])).spec).toMatchObject({
      automountServiceAccountToken: true,
    });
    expect(templateOf(await render([...set, ...by('TOKEN')])).spec).toMatchObject({
      automountServiceAccountToken: false,
    });
  });

  it('roll the pods only for what the agent reads at its start alone', async () => {
    const checksum = async (...set: string[]) => annotationsOf(await render([...one, ...set]));
    const before = await checksum();

    expect(await checksum('account.kinds={pod}', 'bridge.token=another')).toEqual(before);
    expect(await checksum('config.tasks.totalBudget=7')).not.toEqual(before);
  });

  it('keep token and kubeconfigs out of everything but Secrets', async () => {
    const set = [...others, 'kubeconfigs.b.file=kubec0nfig'];
    const manifests = await render(set);
    const rest = JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'));

    expect(JSON.stringify(manifests)).toMatch(/t0ken.*kubec0nfig|kubec0nfig.*t0ken/);
    expect(rest).not.toMatch(/t0ken|kubec0nfig/);
  });

  it('pass helm lint', async () => {
    const values = join(chart, 'ci/base-values.yaml');
    const flags = ['--strict', '--values', values];

    expect(await runHelm(['lint', chart, ...flags])).toMatchObject({ code: 0 });
  });
});

interface AgentConfig {
  readonly kubernetes: { readonly accounts: readonly unknown[] };
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Paths of everything that is no closed map. */
function keysOfSchema(schema: Schema, path = ''): string[] {
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, below]) => [
    ...(path === '' ? [] : [path]),
    ...keysOfSchema(below, path === '' ? key : `${path}.${key}`),
  ]);
}

/** Paths of all values; what is below lists is theirs. */
function keysOfValues(value: unknown, path = ''): string[] {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const free = /^(resources|\w+Probe|\w*[sS]ecurityContext)$/;
  if (!isMap || free.test(path)) return [path];
  const entries = Object.entries(value);
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, below]) =>
    keysOfValues(below, path === '' ? key : `${path}.${key}`),
  );
}

function textOf(manifests: readonly Manifest[]): string {
  const config = manifests.find(({ kind }) => kind === 'ConfigMap');
  return (config?.data as Record<string, string>)['agent.yaml']!;
}

interface PodTemplate {
  readonly metadata: { readonly annotations: unknown };
  readonly spec: {
    readonly volumes: readonly { readonly name: string }[];
    readonly containers: readonly {
      readonly env?: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
}

function templateOf(manifests: readonly Manifest[]): PodTemplate {
  const deployment = manifests.find(({ kind }) => kind === 'Deployment');
  return (deployment?.spec as { readonly template: PodTemplate }).template;
}

function volumesOf(manifests: readonly Manifest[]) {
  return templateOf(manifests).spec.volumes;
}

function environmentOf(manifests: readonly Manifest[]): Record<string, string> {
  const [container] = templateOf(manifests).spec.containers;
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
}

function annotationsOf(manifests: readonly Manifest[]): unknown {
  return templateOf(manifests).metadata.annotations;
}

/** Commas and braces mean something to `--set`. */
function escape(text: string): string {
  return text.replaceAll(/[{},]/g, '\\$&');
}

/** What `fairlead-agent --check` prints of each file, from the sources of this repository, line by line. */
function checkConfigs(
  files: readonly string[],
  more: Record<string, string> = {},
): Promise<readonly string[]> {
  const program = join(repositoryRoot, 'apps/agent/src/node-agent-program.ts');
  const script = `
    const { runAgentProgram } = await import(${JSON.stringify(program)});
    for (const file of ${JSON.stringify(files)}) await runAgentProgram(['--check', '--config', file]);`;
  const flags = ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning'];
  const args = [...flags, '--input-type=module', '--eval', script];
  return new Promise((resolve) => {
    const env = { ...more, PATH: process.env.PATH };
    execFile(process.execPath, args, { env, timeout: timeoutMs }, (_, stdout, stderr) => {
      resolve((stdout + stderr).trim().split('\n'));
    });
  });
}
