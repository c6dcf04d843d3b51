// What the bridge's chart refuses, in which words, and what it makes of values that it takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isUnavailable } from '@fairlead/testbed';
import { parse } from 'yaml';
import { findCharts, renderExample, type Manifest } from '../src/index.ts';
import {
  bridgeChart,
  checkBridges,
  configOf,
  only,
  podOf,
  refusalOf,
  renderBridge,
  type Tree,
  type Values,
} from './bridge-chart.ts';

const timeoutMs = 60_000;
const startMs = 900_000;
const whenHelm = isUnavailable('helm') ? describe.skip : describe;
const embedded = { database: { existingSecret: '', embedded: { enabled: true } } };
const plain = { tls: { existingSecret: '' }, grpc: { insecure: true }, http: { insecure: true } };
const agentRule = (rule: Values) => ({ auth: { agents: [{ accounts: ['*'], ...rule }] } });

const references = {
  token: 'encrypted:k8s!n:agents!k:team-a',
  url: 'encrypted:vault!e:secret!p:clouddriver!k:url',
};
const withReferences = {
  auth: { agents: [{ token: references.token, accounts: ['*'] }] },
  database: { existingSecret: '', url: references.url },
  secretEngines: { vault: { enabled: true, url: 'https://vault', authMethod: 'TOKEN' } },
};

/** Values, and words that Helm's refusal must have. */
const refused: readonly (readonly [Values, string])[] = [
  [{ auth: { agents: [] } }, 'auth.agents: is empty, so nobody gets in'],
  [{ auth: { clients: [] } }, 'auth.clients: is empty, so nobody gets in'],
  [{ tls: { existingSecret: '' } }, 'grpc: tokens would travel in plain text'],
  [{ tls: { existingSecret: '' }, grpc: { insecure: true } }, 'http: tokens would travel in plain'],
  [{ ...embedded, replicas: 2 }, 'replicas: the embedded database is one process'],
  [{ ...embedded, autoscaling: { enabled: true } }, 'autoscaling.enabled: the embedded database'],
  [{ database: { existingSecret: '' } }, 'database: says not where the cache is'],
  [{ database: { url: 'mysql://db/x' } }, 'exclude each other'],
  [{ database: { embedded: { enabled: true } } }, 'exclude each other'],
  [{ database: { existingSecret: '', url: 'redis://db' } }, 'database.url: must begin with'],
  [{ database: { pool: { max: 1 } } }, "'/database/pool/max'"],
  [{ clouddriver: { accounts: { enabled: true } } }, 'needs clouddriver.accounts.gatewayUrl'],
  [
    { ...embedded, clouddriver: { accounts: { enabled: true, gatewayUrl: 'https://b' } } },
    "needs Clouddriver's own database",
  ],
  [{ clouddriver: { accounts: { gatewayUrl: 'b:9080' } } }, 'must be an http or https URL'],
  [{ databse: {} }, "'databse' not allowed"],
  [{ grpc: { prot: 9091 } }, "'prot' not allowed"],
  [agentRule({ token: 'a-long-token', acounts: ['*'] }), "'acounts' not allowed"],
  [{ auth: { agents: [{ token: 'a-long-token' }] } }, "missing property 'accounts'"],
  [{ auth: { clients: [{ token: 'a-long-token' }] } }, "missing property 'name'"],
  [agentRule({}), 'auth.agents[0]: has no way to prove who one is'],
  [agentRule({ token: 'a-long-token', tokenFile: '/t' }), 'has token and tokenFile: needs exactly'],
  [agentRule({ tokenFile: '/t', existingSecretKey: 'k' }), 'existingSecretKey: needs existingSec'],
  [agentRule({ x509Subject: 'CN=a' }), 'auth.agents[0].x509Subject: nobody is asked for a cert'],
  [agentRule({ jwt: { issuer: 'i', audience: 'a' } }), 'exactly one of jwksUrl, jwksFile'],
  [
    agentRule({ jwt: { issuer: 'i', audience: 'a', jwksUrl: 'http://idp/keys' } }),
    'jwt.jwksUrl: must be https',
  ],
  [
    agentRule({ serviceAccount: { subject: 'system:serviceaccount:a:b', audience: 'f' } }),
    'serviceAccount: needs exactly one of inCluster',
  ],
  [agentRule({ serviceAccount: { subject: 'root', audience: 'f' } }), 'serviceAccount/subject'],
  [
    { auth: { clients: [{ name: 'a', tokenFile: '/t', groups: ['g'] }] } },
    'groups: needs jwt: only it names groups',
  ],
  [{ tls: { certManager: { enabled: true } } }, 'tls: existingSecret and certManager.enabled'],
  [
    { tls: { existingSecret: '', certManager: { enabled: true } } },
    'tls.certManager.issuerRef: needs the name',
  ],
  [{ ...plain, grpc: { insecure: true, tls: { clientAuth: 'optional' } } }, 'a port without TLS'],
  [{ http: { tls: { clientAuth: 'require' } } }, "shut out the kubelet's probes"],
  [{ tls: { clientCa: { existingSecret: 'ca' } } }, 'nobody is asked for a certificate: set grpc'],
  [{ grpc: { ingress: { enabled: true } } }, 'grpc.ingress.hosts: name a host'],
  [{ http: { gateway: { enabled: true } } }, 'http.gateway.parentRefs: name the Gateway'],
  [
    {
      ...plain,
      grpc: {
        insecure: true,
        gateway: { enabled: true, kind: 'TLSRoute', parentRefs: [{ name: 'g' }] },
      },
    },
    'a TLSRoute hands TLS to the bridge, whose port has none',
  ],
  [{ http: { port: 9091 } }, 'http.port: is grpc.port'],
  [{ http: { service: { name: 'spin-clouddriver-grpc' } } }, 'is grpc.service.name'],
  [{ autoscaling: { enabled: true, minReplicas: 9 } }, 'is more than maxReplicas'],
  [{ terminationGracePeriodSeconds: 29 }, 'terminationGracePeriodSeconds: must be at least 30'],
  [{ image: { digest: 'latest' } }, "'/image/digest'"],
  [{ image: { pullPolicy: 'Sometimes' } }, "'Always', 'IfNotPresent', 'Never'"],
  [{ config: { grpc: { port: 1 } } }, 'config.grpc.port: Services and probes would not know of it'],
  [{ secretEngines: { vault: {} }, config: { secrets: {} } }, ''],
  [{ secretEngines: { a: {} }, config: { secrets: { b: {} } } }, 'config.secrets: is secretEng'],
];

/** Values with something secret in a place where it does not belong. */
const leaking: readonly Values[] = [
  { database: { url: 'postgres//me:hunter2@db', existingSecret: '' } },
  { database: { existingSecret: 'postgres://me:hunter2@db' } },
  agentRule({ existingSecret: 'hunter2!' }),
  agentRule({ token: 'hunter2' }),
  { clouddriver: { accounts: { gatewayUrl: 'https://me:hunter2@bridge' } } },
  { config: { sql: { url: 'postgres://me:hunter2@db' } } },
  { config: { sql: { password: 'hunter2' } } },
  { config: { auth: { clients: [{ name: 'a', token: 'hunter2' }] } } },
];

whenHelm('values that make no bridge', () => {
  it(
    'are refused with words that say what to do',
    async () => {
      const said = await Promise.all(refused.map(([values]) => refusalOf(values)));

      const wrong = refused.filter(([, words], index) =>
        words === '' ? said[index] !== '' : !said[index]?.includes(words),
      );
      expect(wrong.map(([values]) => JSON.stringify(values))).toEqual([]);
    },
    startMs,
  );

  it(
    'are told all at once',
    async () => {
      const said = await refusalOf({}, []);

      expect(said.match(/^ {2}- \S+:/gm)).toEqual(
        ['database', 'auth.agents', 'grpc', 'auth.clients', 'http'].map((key) => `  - ${key}:`),
      );
    },
    timeoutMs,
  );

  it(
    'are not repeated where they may be secret',
    async () => {
      const said = await Promise.all(leaking.map((values) => refusalOf(values)));

      expect(said.filter((text) => text === '' || text.includes('hunter2'))).toEqual([]);
    },
    timeoutMs,
  );
});

/** Every way in that the chart has something to do for. */
const everyWay = {
  auth: {
    agents: [
      { existingSecret: 'tokens', existingSecretKey: 'a', accounts: ['a-*'] },
      { token: 'a-token-for-b', accounts: ['b-*'] },
      { x509Subject: 'CN=c-*', accounts: ['c-*'] },
      {
        serviceAccount: {
          subject: 'system:serviceaccount:fairlead:agent',
          audience: 'fairlead',
          existingSecret: 'prod-eu',
        },
        accounts: ['prod-eu'],
      },
      {
        serviceAccount: {
          subject: 'system:serviceaccount:fairlead:agent',
          audience: 'fairlead',
          inCluster: true,
        },
        accounts: ['here'],
      },
    ],
    clients: [
      { name: 'deck', existingSecret: 'tokens', existingSecretKey: 'deck' },
      {
        name: 'people',
        jwt: { issuer: 'https://idp', audience: 'fairlead', jwksUrl: 'https://idp/keys' },
        groups: ['team-a'],
        access: 'write',
      },
    ],
  },
  grpc: { tls: { clientAuth: 'optional' } },
  tls: { clientCa: { existingSecret: 'agents-ca', existingSecretKey: 'bundle.pem' } },
  networkPolicy: { restrictEgress: true },
};

whenHelm('the rules', () => {
  let objects: readonly Manifest[];

  beforeAll(async () => {
    objects = await renderBridge(everyWay);
  }, startMs);

  it('find each token and kubeconfig in a file that the pod mounts', () => {
    const { agents, clients } = configOf(objects).auth as Tree;
    const files = [...filesOf(agents as Tree[]), ...filesOf(clients as Tree[])];

    expect(files).toEqual([
      '/opt/fairlead/credentials/tokens/a',
      expect.stringMatching(/^\/opt\/fairlead\/credentials\/fairlead-bridge-tokens\/agents-1-/),
      '/opt/fairlead/credentials/prod-eu/kubeconfig',
      '/opt/fairlead/credentials/tokens/deck',
    ]);
    expect(mountedFiles(objects).sort()).toEqual([...files].sort());
  });

  it('may lose a Secret without stopping the others, or the pod', () => {
    const { volumes } = podOf(objects).spec as Tree;
    const { projected } = (volumes as Tree[]).find(({ name }) => name === 'credentials')!;

    expect((projected.sources as Tree[]).every(({ secret }) => secret.optional === true)).toBe(
      true,
    );
  });

  it('leave tokens in Secrets', () => {
    const others = objects.filter(({ kind }) => kind !== 'Secret');

    expect(JSON.stringify(others)).not.toContain('a-token-for-b');
    expect(Object.values(only(objects, 'Secret').stringData as object)).toEqual(['a-token-for-b']);
  });

  it('get the bridge no more of its cluster than to ask about tokens', () => {
    expect(only(objects, 'ClusterRole').rules).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    ]);
    expect(podOf(objects).spec.automountServiceAccountToken).toBe(true);
  });

  it('open the ways out that they need', () => {
    const { egress } = only(objects, 'NetworkPolicy').spec as Tree;
    const ports = (egress as Tree[]).map((rule) =>
      (rule.ports as Tree[]).map(({ port }) => port as number),
    );

    expect(ports).toEqual([[53, 53], [9091], [5432, 3306], [443, 6443], [443]]);
  });
});

whenHelm('references to secrets', () => {
  const { token, url } = references;
  let objects: readonly Manifest[];

  beforeAll(async () => {
    objects = await renderBridge(withReferences);
  }, startMs);

  it("are the bridge's to follow: no Secret is made of them", () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(configOf(objects)).toMatchObject({
      auth: { agents: [{ token }] },
      sql: { url },
      secrets: { vault: { enabled: true } },
    });
    expect(JSON.stringify(podOf(objects))).not.toContain('FAIRLEAD_SQL_URL');
  });

  it('get the bridge the Secrets that they name, and a token to ask for them', () => {
    expect(only(objects, 'Role').rules).toMatchObject([{ resourceNames: ['agents'] }]);
    expect(podOf(objects).spec.automountServiceAccountToken).toBe(true);
  });
});

whenHelm('what replaces pods', () => {
  const token = (text: string, accounts = ['*']) => agentRule({ token: text, accounts });
  const checksum = (objects: readonly Manifest[]) =>
    podOf(objects).metadata.annotations as Record<string, string>;

  it(
    'is a changed bridge.yaml, not a changed token',
    async () => {
      const [before, otherToken, otherConfig] = await Promise.all(
        [
          token('token-number-1'),
          token('token-number-2'),
          { ...token('token-number-1'), logging: { level: 'debug' } },
        ].map(renderBridge),
      );

      expect(podOf(otherToken!)).toEqual(podOf(before!));
      expect(checksum(otherConfig!)).not.toEqual(checksum(before!));
    },
    timeoutMs,
  );

  it(
    'is a changed URL of the database, which nobody can guess from the checksum',
    async () => {
      const url = (text: string) => ({ database: { existingSecret: '', url: text } });
      const [before, after] = await Promise.all(
        [url('mysql://a:b@db/x'), url('mysql://a:c@db/x')].map(renderBridge),
      );

      expect(checksum(after!)).not.toEqual(checksum(before!));
      expect(only(before!, 'Secret').stringData).toEqual({ url: 'mysql://a:b@db/x' });
    },
    timeoutMs,
  );

  it(
    'never lets a bridge with old rules take the token of another rule',
    async () => {
      const [narrow, wide] = await Promise.all(
        [token('token-number-1', ['team-a']), token('token-number-2', ['*'])].map(renderBridge),
      );

      expect(mountedFiles(narrow!)).not.toEqual(mountedFiles(wide!));
    },
    timeoutMs,
  );
});

whenHelm('a bridge', () => {
  it(
    'tells other bridges the address of its pod, in brackets where that is IPv6',
    async () => {
      const address = async (values: Values) => {
        const { env } = podOf(await renderBridge(values)).spec.containers[0] as Tree;
        const name = 'FAIRLEAD_GRPC_ADVERTISEDADDRESS';
        return (env as Tree[]).find((entry) => entry.name === name)?.value as string;
      };

      expect(await address({})).toBe('$(POD_IP):9091');
      expect(await address({ ipFamily: 'IPv6' })).toBe('[$(POD_IP)]:9091');
    },
    timeoutMs,
  );

  it(
    'is not configured by variables of Services',
    async () => {
      expect(podOf(await renderBridge({})).spec.enableServiceLinks).toBe(false);
    },
    timeoutMs,
  );

  it(
    'is probed over what its port speaks',
    async () => {
      const schemes = async (values: Values) => {
        const [container] = podOf(await renderBridge(values)).spec.containers as Tree[];
        return ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
          (probe) => container?.[probe].httpGet.scheme as string,
        );
      };

      expect(await schemes({})).toEqual(['HTTPS', 'HTTPS', 'HTTPS']);
      expect(await schemes({ http: { insecure: true } })).toEqual(['HTTP', 'HTTP', 'HTTP']);
    },
    timeoutMs,
  );

  it(
    'with a database of its own is one pod with a volume',
    async () => {
      const objects = await renderBridge(embedded);
      const { replicas, volumeClaimTemplates } = only(objects, 'StatefulSet').spec as Tree;

      expect({ replicas, claims: (volumeClaimTemplates as Tree[]).length }).toEqual({
        replicas: 1,
        claims: 1,
      });
      expect(configOf(objects).sql.url).toBe('embedded:/var/lib/fairlead');
      expect(JSON.stringify(podOf(objects))).not.toContain('FAIRLEAD_SQL_URL');
    },
    timeoutMs,
  );

  it(
    'takes whatever else is in config, which wins',
    async () => {
      const objects = await renderBridge({
        config: { logging: { level: 'warn' }, limits: { feedsPerLink: 7 } },
      });

      expect(configOf(objects)).toMatchObject({
        logging: { level: 'warn', format: 'json' },
        limits: { feedsPerLink: 7, linksPerAddress: 10_000 },
      });
    },
    timeoutMs,
  );

  it(
    'has numbers in its configuration as they were given',
    async () => {
      const objects = await renderBridge({
        budget: { inFlightBytes: 1_073_741_824 },
        registry: { gracePeriodSeconds: 1_000_000 },
      });

      expect(configOf(objects)).toMatchObject({
        budget: { inFlightBytes: 1_073_741_824 },
        registry: { gracePeriodSeconds: 1_000_000 },
      });
    },
    timeoutMs,
  );
});

whenHelm('what is watched', () => {
  const file = (path: string) => readFileSync(join(bridgeChart, 'files', path), 'utf8');
  let objects: readonly Manifest[];

  beforeAll(async () => {
    const serviceMonitor = { enabled: true };
    const dashboards = { enabled: true, annotations: { grafana_folder: 'Spinnaker' } };
    const metrics = { serviceMonitor, prometheusRule: { enabled: true }, dashboards };
    objects = await renderBridge({ metrics });
  }, startMs);

  it('is told by the rules of the chart, as they are', () => {
    const rules = parse(file('rules/fairlead.yaml')) as Tree;

    expect(only(objects, 'PrometheusRule').spec).toEqual(rules);
  });

  it('is shown by the dashboards of the chart, as they are, where Grafana looks for them', () => {
    const map = only(objects, 'ConfigMap', 'fairlead-bridge-dashboard-fairlead');

    expect(map.metadata).toMatchObject({
      labels: { grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Spinnaker' },
    });
    expect(JSON.parse(map.data['fairlead.json'] as string)).toEqual(
      JSON.parse(file('dashboards/fairlead.json')),
    );
  });

  it('is read at the HTTP port of each bridge, once', () => {
    const { selector, endpoints } = only(objects, 'ServiceMonitor').spec as Tree;
    const services = objects.filter(({ kind }) => kind === 'Service') as readonly Tree[];
    const ports = services.flatMap((service) => {
      expect(service.metadata.labels).toMatchObject(selector.matchLabels as object);
      return (service.spec.ports as Tree[]).map(({ name }) => name as string);
    });

    expect(endpoints).toMatchObject([{ port: 'http', scheme: 'https', path: '/metrics' }]);
    expect(ports.filter((port) => port === 'http')).toHaveLength(1);
  });
});

whenHelm('bridge.yaml', () => {
  it(
    'is what fairlead-bridge --check finds nothing wrong with, in each example, with every way in, and with references',
    async () => {
      const [chart] = findCharts().filter(({ name }) => name === 'fairlead-bridge');
      const examples = chart?.examples ?? [];
      const sets = await Promise.all([
        ...examples.map((example) => renderExample(chart!, example)),
        renderBridge(everyWay),
        renderBridge(withReferences),
      ]);

      const said = await checkBridges(sets);

      expect(said).toHaveLength(examples.length + 2);
      const bad = said.filter((text) => !/ 0 errors, 0 warnings .*\nexit 0\n$/.test(text));
      expect(bad).toEqual([]);
    },
    timeoutMs,
  );
});

function filesOf(rules: readonly Tree[]): string[] {
  return rules.flatMap((rule) => {
    const file = (rule.tokenFile ?? rule.serviceAccount?.kubeconfigFile) as string | undefined;
    return file === undefined ? [] : [file];
  });
}

/** Paths that the volume `credentials` has, as the container sees them. */
function mountedFiles(objects: readonly Manifest[]): string[] {
  const { containers, volumes } = podOf(objects).spec as Tree;
  const mount = (containers[0].volumeMounts as Tree[]).find(({ name }) => name === 'credentials');
  const volume = (volumes as Tree[]).find(({ name }) => name === 'credentials');
  return (volume?.projected.sources as Tree[]).flatMap(({ secret }) =>
    (secret.items as Tree[]).map(({ path }) => `${mount?.mountPath as string}/${path as string}`),
  );
}
