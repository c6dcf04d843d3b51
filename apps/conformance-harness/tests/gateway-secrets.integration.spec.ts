// A canary in Secrets of a real cluster, asked for through the gateway in every form that there is:
// no byte of it in an answer, on the link from the agent, in a log, or in the agent's heap; unless the
// agent's own configuration lets it pass. And what that configuration does not allow is not done.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findKubectl, isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  rewriteAgentConfig,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { startTcpTap, type TcpTap } from './tcp-tap.ts';

const canary = 'CanaryBehindTheGatewayQZX';
const encoded = Buffer.from(canary).toString('base64').slice(0, 32);
const needles = [canary, encoded];
const value = Buffer.from(canary).toString('base64');

const team = '/api/v1/namespaces/team/secrets';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const kubectlAccept = `${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`;
const protobuf = 'application/vnd.kubernetes.protobuf';

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

(isUnavailable('kube') ? describe.skip : describe)('Secrets behind the gateway', () => {
  let kube: KubeHandle;
  let tap: TcpTap;
  let bridge: BridgeProgram;
  let agent: AgentProgram;

  const accounts = (open: object = {}) => {
    const common = { kubeconfigFile: kube.kubeconfigPath, kinds: ['namespace'] };
    return [
      { ...common, name: 'real' },
      { ...common, name: 'open', operations: { secrets: [{ namespaces: ['open'] }], ...open } },
      { ...common, name: 'reader', operations: { allow: 'read-only' } },
    ];
  };

  beforeAll(async () => {
    kube = await startKube();
    for (const namespace of ['team', 'open']) {
      await kubectl('direct', ['create', 'namespace', namespace]);
      await apply(namespace, 'held');
      await apply(namespace, 'other');
    }
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    tap = await startTcpTap(bridge.grpcAddress);
    agent = await startAgentProgram({
      ...agentOptions(),
      nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
    });
    for (const { name } of accounts()) await untilAccount(bridge.url, name);
  }, 900_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await tap[Symbol.asyncDispose]();
    await kube.stop();
  }, 60_000);

  function agentOptions(open?: object) {
    const clouddriver = { grpc: tap.address, insecure: true, compression: 'none' };
    return { grpcAddress: tap.address, accounts: accounts(open), config: { clouddriver } };
  }

  const occurrences = (haystack: Buffer | string) =>
    needles.filter((needle) => haystack.includes(needle));

  async function kubectl(account: string, args: readonly string[], input = ''): Promise<string> {
    const to =
      account === 'direct'
        ? ['--kubeconfig', kube.kubeconfigPath]
        : ['--kubeconfig', '/dev/null', '--server', `${bridge.url}/clusters/${account}`];
    const running = promisify(execFile)(await findKubectl(), [...to, ...args]);
    running.child.stdin?.end(input);
    const { stdout, stderr } = await running.catch((error: unknown) => error as Outcome);
    return stdout + stderr;
  }
  function manifest(namespace: string, name: string): string {
    return JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: { name } } },
      ...{ data: { password: value }, stringData: { token: canary } },
    });
  }

  async function apply(namespace: string, name: string): Promise<void> {
    await kubectl('direct', ['apply', '-f', '-'], manifest(namespace, name));
  }

  async function ask(account: string, text: string, init: RequestInit = {}): Promise<Answer> {
    const [method = '', path = ''] = text.split(' ');
    const answer = await fetch(`${bridge.url}/clusters/${account}${path}`, { method, ...init });
    return { status: answer.status, text: await answer.text() };
  }

  it.each([
    [`GET ${team}`, 'application/json'],
    ['GET /api/v1/secrets', 'application/json'],
    ['GET /api/v1/secrets?limit=1', kubectlAccept],
    [`GET ${team}?fieldSelector=metadata.name%3Dheld`, '*/*'],
    [`GET ${team}?labelSelector=name%3Dheld&resourceVersion=0`, `${protobuf},application/json`],
    [`GET ${team}?pretty=true`, 'application/json'],
    [`GET ${team}?includeObject=Object`, table],
    [`GET ${team}?includeObject=Metadata`, table],
    [`GET ${team}?includeObject=None`, table],
    [`GET ${team}/held?includeObject=Object`, table],
    [`GET ${team}`, partialList],
    [`GET ${team}/held`, partial],
    [`GET ${team}/held`, 'application/yaml;q=0.9,application/json;q=0.1'],
    [`GET ${team}/held?watch=1`, 'application/json'],
    ['GET /api/v1/namespaces/team/%73ecrets/held', 'application/json'],
    [`GET ${team}?watch=1&timeoutSeconds=1`, 'application/json'],
    [`GET ${team}?watch&timeoutSeconds=1&includeObject=Object`, kubectlAccept],
    [`GET ${team}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dheld`, partial],
    [
      `GET ${team}?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
      'application/json',
    ],
    ['GET /api/v1/watch/secrets?timeoutSeconds=1', 'application/json'],
    ['GET /api/v1/watch/namespaces/team/secrets/held?timeoutSeconds=1', 'application/json'],
  ])('%s as %s shows everything but values', async (text, accept) => {
    const { status, text: answered } = await ask('real', text, { headers: { accept } });

    expect(status).toBe(200);
    expect(answered).toContain('held');
    expect(occurrences(answered)).toEqual([]);
  });

  it.each([protobuf, 'application/yaml', 'application/cbor', 'application/cbor-seq'])(
    'are refused as %s alone',
    async (accept) => {
      for (const path of [team, `${team}/held`, `${team}?watch=1&timeoutSeconds=1`]) {
        const { status, text } = await ask('real', `GET ${path}`, { headers: { accept } });

        expect(status).toBe(406);
        expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'NotAcceptable' });
      }
    },
  );

  it.each([
    '/api/v1//secrets',
    '/api/v1/namespaces/team%2Fsecrets',
    '/api/v1/namespaces/x/services/y/proxy/..%2f..%2f..%2f..%2fteam/secrets',
  ])('are not reached by %s', async (path) => {
    const { status, text } = await ask('real', `GET ${path}`);

    expect(status).toBe(400);
    expect(occurrences(text)).toEqual([]);
  });

  it('are not watched over WebSocket', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      };
      const url = `${bridge.url}/clusters/real${team}?watch=1`;
      const asking = request(url, { headers }, ({ statusCode }) => resolve(statusCode));
      asking.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      asking.on('error', reject).end();
    });

    expect(status).toBe(406);
  });

  const object = (name: string, more: object = {}) =>
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { p: value } },
      ...more,
    });

  it.each<[string, number, string, string]>([
    [`POST ${team}`, 201, 'application/json', object('made')],
    [`POST ${team}?dryRun=All`, 201, 'application/json', object('tried')],
    [`PUT ${team}/made`, 200, 'application/json', object('made', { data: { q: value } })],
    [`PATCH ${team}/made`, 200, 'application/merge-patch+json', `{"data":{"m":"${value}"}}`],
    [
      `PATCH ${team}/made`,
      ...([200, 'application/strategic-merge-patch+json', `{"data":{"s":"${value}"}}`] as const),
    ],
    [
      `PATCH ${team}/made`,
      ...([200, 'application/json-patch+json'] as const),
      `[{"op":"add","path":"/data/j","value":"${value}"}]`,
    ],
    [
      `PATCH ${team}/made?fieldManager=me&force=true`,
      ...([200, 'application/apply-patch+yaml', object('made')] as const),
    ],
    [`POST ${team}`, 409, 'application/json', object('made')],
    [`POST ${team}`, 422, 'application/json', object('bad', { data: { 'a b': value } })],
    [`POST ${team}`, 422, 'application/json', object('bad', { type: `kubernetes.io/tls` })],
    [`PUT ${team}/made`, 422, 'application/json', object('made', { type: canary })],
    [`POST ${team}`, 400, 'application/json', object('bad', { data: { p: `*${canary}` } })],
    [`POST ${team}`, 400, 'application/json', object('bad', { data: [canary] })],
    [`POST ${team}?fieldValidation=Strict`, 400, 'application/json', object('b', { [canary]: 1 })],
    [`PATCH ${team}/made`, 400, 'application/merge-patch+json', `{"data":{"p":"${canary}`],
    [`PATCH ${team}/none`, 404, 'application/merge-patch+json', `{"data":{"m":"${value}"}}`],
  ])('%s answers %d without what was written', async (text, expected, type, body) => {
    const headers = { 'content-type': type, accept: 'application/json' };

    const { status, text: answered } = await ask('real', text, { headers, body });

    expect([status, answered]).toEqual([expected, expect.stringContaining('"kind"')]);
    expect(occurrences(answered)).toEqual([]);
  });

  it('are not written back without the values that were not shown', async () => {
    const shown = await kubectl('real', ['get', 'secret', 'held', '-n', 'team', '-o', 'yaml']);

    const said = await kubectl('real', ['replace', '-f', '-'], shown);
    const kept = await kubectl('direct', ['get', 'secret', 'held', '-n', 'team', '-o', 'json']);

    expect(said).toContain("Fairlead's agent refuses to replace a Secret");
    expect(occurrences(kept)).toContain(encoded);
  });

  it('are written whole all the same', async () => {
    const written = await kubectl('direct', ['get', 'secret', 'made', '-n', 'team', '-o', 'json']);

    expect(Object.keys((JSON.parse(written) as { data: object }).data).sort()).toEqual(
      expect.arrayContaining(['j', 'm', 'p', 's']),
    );
    expect(occurrences(written)).toEqual([encoded]);
  });

  it.each([
    ['get', 'secrets', '-A'],
    ['get', 'secrets', '-n', 'team', '-o', 'wide', '--show-labels'],
    ['get', 'secret', 'held', '-n', 'team', '-o', 'yaml', '--show-managed-fields'],
    ['get', 'secret', 'held', '-n', 'team', '-o', 'json'],
    ['get', 'secrets,configmaps', '-n', 'team', '-o', 'json'],
    ['get', 'secret', 'held', '-n', 'team', '-o', 'jsonpath={.metadata.name}{.data}'],
    ['describe', 'secret', 'held', '-n', 'team'],
    ['get', '--raw', `/clusters/real${team}/held`],
    ['label', 'secret', 'held', '-n', 'team', 'a=b', '-o', 'yaml'],
    ['annotate', 'secret', 'held', '-n', 'team', 'a=b', '-o', 'json'],
    ['delete', 'secret', 'other', '-n', 'team', '-o', 'name'],
  ])('kubectl %s %s %s %s %s %s', async (...args) => {
    const shown = await kubectl('real', args);

    expect(shown).toMatch(/held|other/);
    expect(occurrences(shown)).toEqual([]);
  });

  it.each([
    [['create', '-f', '-', '--dry-run=server', '-o', 'yaml'], 'dry'],
    [['apply', '-f', '-', '-o', 'yaml'], 'applied'],
    [['apply', '-f', '-', '-o', 'json'], 'applied'],
    [['apply', '--server-side', '--force-conflicts', '-f', '-', '-o', 'json'], 'applied'],
    [['replace', '-f', '-', '-o', 'yaml'], 'applied'],
    [['delete', '-f', '-'], 'applied'],
  ])('kubectl %j of a Secret shows none of its values', async (args, name) => {
    const shown = await kubectl('real', args, manifest('team', name));

    expect(shown).toContain(name);
    expect(shown).not.toMatch(/^error/im);
    expect(occurrences(shown)).toEqual([]);
  });

  it('pass where the agent was told so, and only there', async () => {
    const inside = await ask('open', 'GET /api/v1/namespaces/open/secrets/held');
    const outside = await ask('open', `GET ${team}/held`);
    const everywhere = await ask('open', 'GET /api/v1/secrets');

    expect(occurrences(inside.text)).toEqual(needles);
    expect([outside, everywhere].map(({ status }) => status)).toEqual([200, 200]);
    expect([outside, everywhere].flatMap(({ text }) => occurrences(text))).toEqual([]);
  });

  it('are on no byte that the agent sent, nor in its logs or its heap', async () => {
    // What was let pass on purpose was sent before this agent was started anew.
    await agent.program.stop();
    const before = tap.upstreamBytes().length;
    agent = await startAgentProgram({
      ...agentOptions(),
      nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
    });
    for (const { name } of accounts()) await untilAccount(bridge.url, name);
    await eventually(async () => (await ask('real', 'GET /version')).status === 200, {
      what: 'the gateway reaches the cluster again',
    });
    const asked = [`GET ${team}`, `GET ${team}/held`, `GET ${team}?watch=1&timeoutSeconds=1`];
    const answers = await Promise.all(asked.map((text) => ask('real', text)));
    await ask('real', `POST ${team}?dryRun=All`, {
      headers: { 'content-type': 'application/json' },
      body: object('tried'),
    });
    await agent.program.kill('SIGUSR2');
    await eventually(async () => (await heapSnapshots()).length === 1, { what: 'a heap snapshot' });

    const sent = tap.upstreamBytes().subarray(before);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sent.includes('"name":"held"')).toBe(true);
    expect(occurrences(sent)).toEqual([]);
    expect((await heapSnapshots()).flatMap(occurrences)).toEqual([]);
    expect(occurrences(await agent.program.readLog())).toEqual([]);
    expect(occurrences(await bridge.program.readLog())).toEqual([]);
  }, 120_000);

  async function heapSnapshots(): Promise<readonly string[]> {
    const names = await readdir(agent.program.directory);
    const files = names.filter((name) => name.endsWith('.heapsnapshot'));
    const texts = await Promise.all(
      files.map((file) => readFile(join(agent.program.directory, file), 'utf8')),
    );
    return texts.filter((text) => text.trimEnd().endsWith('}'));
  }

  describe('and operations that the agent does not allow', () => {
    it.each([
      ['DELETE /api/v1/namespaces/team', 'to delete namespaces'],
      [`DELETE ${team}`, 'to deletecollection secrets'],
      [`POST ${team}?dryRun=All`, 'to create secrets'],
      ['GET /api/v1/namespaces/team/pods/p/exec?command=sh', 'to get pods/exec'],
      ['GET /api/v1/nodes/n/proxy/', 'to get nodes/proxy'],
    ])('%s is refused by the agent', async (text, what) => {
      const { status, text: answered } = await ask('reader', text);

      expect(status).toBe(403);
      expect(answered).toContain(`Fairlead's agent refuses ${what}`);
      expect(answered).toContain('operations.allow: read-only');
    });

    it('is what kubectl shows, too', async () => {
      const refused = await kubectl('reader', ['delete', 'namespace', 'team']);

      expect(refused).toContain('(operations.allow: read-only) does not allow it');
      expect(await kubectl('reader', ['get', 'namespace', 'team', '-o', 'name'])).toContain('team');
      expect(await kubectl('reader', ['auth', 'can-i', 'get', 'pods'])).toContain('yes');
    });

    it('ends a watch that is no longer allowed, while the account goes on', async () => {
      const path = '/api/v1/namespaces/open/secrets?watch=1';
      const watch = await fetch(`${bridge.url}/clusters/open${path}`);
      const reader = watch.body?.getReader();
      const first = await reader?.read();

      await rewriteAgentConfig(agent, agentOptions({ allow: 'none' }));
      const ended = await untilOver(() => reader?.read());

      expect(Buffer.from(first?.value ?? []).toString()).toContain('ADDED');
      expect(ended).toBe(true);
      const refused = await ask('open', 'GET /version');
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('none')]);
    }, 60_000);
  });
});

/** Reads until there is no more, in order or not. */
async function untilOver(
  read: () => Promise<{ readonly done: boolean }> | undefined,
): Promise<boolean> {
  try {
    while ((await read())?.done === false);
  } catch {
    // Ended in the middle, which is an end.
  }
  return true;
}
