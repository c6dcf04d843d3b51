/** A scripted agent over real gRPC into an embedded database, read back over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchToParts, FeedState, RefusalCode, RejectionCode } from '@fairlead/protocol';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { aBatch, aMark, aPod, aSnapshot } from './deltas.ts';
import { FakeAgent, type FakeAgentOptions } from './fake-agent.ts';

interface Account {
  readonly name: string;
  readonly state: string;
  readonly objects: number;
  readonly agent: string;
  readonly bridge: string;
  readonly reason: string;
}
interface Page<T> {
  readonly items: readonly T[];
  readonly continue?: string;
}

let directory: string;
let bridge: BridgeUnderTest;
const agents: FakeAgent[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
});

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.crash();
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(config = ''): Promise<void> {
  bridge = await startBridgeUnderTest(directory, config);
}

async function connect(options: Partial<FakeAgentOptions> = {}): Promise<FakeAgent> {
  return dial(options).welcome();
}

function dial(options: Partial<FakeAgentOptions> = {}): FakeAgent {
  const agent = new FakeAgent({ port: bridge.grpcPort, ...options });
  agents.push(agent);
  return agent;
}

/** An agent that feeds pods of `prod`, snapshot committed. */
async function feeding(names: readonly string[], resourceVersion = '50'): Promise<FakeAgent> {
  const agent = await connect();
  const { epoch } = await agent.accepted('prod');
  agent.openFeed({ account: 'prod', epoch, feedId: 1 });
  agent.status(1, FeedState.LISTING);
  const seq = agent.batch(1, aSnapshot(names, resourceVersion));
  await agent.committed(1, seq);
  return agent;
}

async function storedPods(): Promise<string[]> {
  const { items } = await bridge.json<Page<{ name: string }>>('/api/v1/objects?kind=pod');
  return items.map(({ name }) => name);
}

describe('a feed', () => {
  it('stores a snapshot, and after it every change', async () => {
    await start();
    const agent = await feeding(['a', 'b']);
    expect(await storedPods()).toEqual(['a', 'b']);

    const seq = agent.batch(1, [
      aPod('applied', 'c'),
      aPod('deleted', 'a'),
      aPod('applied', 'b', { body: { spec: { nodeName: 'n1' } } }),
    ]);
    await agent.committed(1, seq);

    expect(await storedPods()).toEqual(['b', 'c']);
    const { text } = await bridge.get('/api/v1/objects/prod/pod/default/b');
    expect(JSON.parse(text)).toMatchObject({ spec: { nodeName: 'n1' } });
  });

  it('stores the bytes of an object as they came', async () => {
    await start();
    const agent = await feeding([]);
    const object = Buffer.from(
      '{"kind":"Pod", "apiVersion":"v1","metadata":{"name":"odd","namespace":"default"},"n":9007199254740993}',
    );
    const record = { ...aPod('applied', 'odd'), object };
    await agent.committed(1, agent.batch(1, [record]));

    const { text, type } = await bridge.get('/api/v1/objects/prod/Pod/default/odd');
    const { text: page } = await bridge.get('/api/v1/objects?name=odd&include=manifest');

    expect(text).toBe(object.toString());
    expect(type).toContain('application/json');
    expect(page).toContain(`"manifest":${object.toString()}}`);
  });

  it('sweeps what a new snapshot does not name, and nothing while it is not complete', async () => {
    await start();
    const agent = await feeding(['a', 'b', 'c']);

    const half = agent.batch(1, [aMark('init'), aPod('initApplied', 'b')]);
    await agent.committed(1, half);
    expect(await storedPods()).toEqual(['a', 'b', 'c']);

    const rest = agent.batch(1, [aPod('initApplied', 'd'), aMark('initDone', '60')]);
    await agent.committed(1, rest);
    expect(await storedPods()).toEqual(['b', 'd']);
  });

  it('keeps the rows that a snapshot did not name when not all of it could be read', async () => {
    await start();
    const agent = await feeding(['a', 'b']);

    const snapshot = [aMark('init'), aPod('initApplied', 'c'), aMark('initDoneUnswept', '60')];
    await agent.committed(1, agent.batch(1, snapshot));

    expect(await storedPods()).toEqual(['a', 'b', 'c']);
    agent.crash();
    const again = await connect({ agentId: 'agent-2' });
    const { checkpoints } = await again.accepted('prod');
    expect(checkpoints).toMatchObject([{ resource: 'pods', resourceVersion: '60' }]);
  });

  it('ends with the new object when one is deleted and made again in the same batch', async () => {
    await start();
    const agent = await feeding(['a']);

    const seq = agent.batch(1, [
      aPod('deleted', 'a', { uid: 'old' }),
      aPod('applied', 'a', { uid: 'new' }),
    ]);
    await agent.committed(1, seq);

    const { text } = await bridge.get('/api/v1/objects/prod/pod/default/a');
    expect(JSON.parse(text)).toMatchObject({ metadata: { uid: 'new' } });
  });

  it('puts an object aside that is none, and goes on', async () => {
    await start();
    const agent = await feeding(['a']);

    const poison = { ...aPod('applied', 'poison'), object: Buffer.from('{"kind":"Pod"') };
    await agent.committed(1, agent.batch(1, [poison, aPod('applied', 'b')]));

    expect(await storedPods()).toEqual(['a', 'b']);
    const { text } = await bridge.get('/metrics');
    expect(text).toContain('fairlead_bridge_dead_letters{reason="invalidJson"} 1');
    expect(text).toMatch(/^fairlead_bridge_deltas_dropped_total 0$/m);
    expect(bridge.log.some((line) => line.includes('"object":"poison"'))).toBe(true);
  });

  it('takes a batch in many pieces between those of another feed', async () => {
    await start();
    const agent = await connect();
    const { epoch } = await agent.accepted('prod');
    agent.openFeed({ account: 'prod', epoch, feedId: 1 });
    const services = { resource: 'services', kind: 'Service' };
    agent.openFeed({ account: 'prod', epoch, feedId: 2, ...services });
    const names = Array.from({ length: 1200 }, (_, at) => `pod-${String(at).padStart(4, '0')}`);

    const seq = agent.batch(1, aSnapshot(names, '70'), 1000);
    const other = agent.batch(2, [aMark('init'), aMark('initDone', '71')]);
    await agent.committed(1, seq);
    await agent.committed(2, other);

    const account = await bridge.json<Account>('/api/v1/accounts/prod');
    expect(account.objects).toBe(1200);
  });

  it('removes the rows of a type that is gone, but not those that another feed covers', async () => {
    await start();
    const agent = await connect();
    const { epoch } = await agent.accepted('prod');
    agent.openFeed({ account: 'prod', epoch, feedId: 1, namespace: 'one' });
    agent.openFeed({ account: 'prod', epoch, feedId: 2, namespace: 'two' });
    for (const [feedId, namespace] of [
      [1, 'one'],
      [2, 'two'],
    ] as const) {
      const pod = aPod('initApplied', `in-${namespace}`, { namespace });
      await agent.committed(
        feedId,
        agent.batch(feedId, [aMark('init'), pod, aMark('initDone', '9')]),
      );
    }

    const retired = { account: 'prod', epoch, group: '', resource: 'pods', kind: 'Pod' };
    agent.say({ $case: 'retireFeed', value: { ...retired, namespace: 'one' } });
    await bridge.until<Page<unknown>>('/api/v1/objects', ({ items }) => items.length === 1);

    expect(await storedPods()).toEqual(['in-two']);
    agent.crash();
    const again = await connect({ agentId: 'agent-2' });
    const { checkpoints } = await again.accepted('prod');
    expect(checkpoints.map(({ namespace }) => namespace)).toEqual(['two']);
  });

  it('gives back exactly the credit that its batches took', async () => {
    await start();
    const agent = await connect();
    const { epoch, creditBytes } = await agent.accepted('prod');
    agent.openFeed({ account: 'prod', epoch, feedId: 1 });
    await agent.committed(1, agent.batch(1, aSnapshot(['a'], '5')));

    const { account, bytes } = await agent.hear('credit');

    expect(account).toBe('prod');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(1000);
    expect(creditBytes).toBe(8 * 1024 * 1024);
  });
});

describe('a restart of the bridge', () => {
  it('lets a feed go on from its last committed checkpoint, with a higher epoch', async () => {
    await start();
    const agent = await feeding(['a'], '50');
    const last = aPod('applied', 'b');
    await agent.committed(1, agent.batch(1, [last]));
    await bridge.stop();
    const before = { drain: await agent.hear('drain'), reconnect: await agent.hear('reconnect') };
    expect(before.reconnect.afterMs).toBeGreaterThanOrEqual(500);

    await start();
    expect(await bridge.json<Account>('/api/v1/accounts/prod')).toMatchObject({
      state: 'disconnected',
      objects: 2,
      agent: 'agent-1',
    });
    const returned = await connect();
    const { epoch, checkpoints } = await returned.accepted('prod');

    expect(epoch).toBe(2);
    expect(checkpoints).toMatchObject([
      { resource: 'pods', kind: 'Pod', version: 'v1', resourceVersion: last.resourceVersion },
    ]);
    returned.openFeed({ account: 'prod', epoch, feedId: 1 });
    returned.status(1, FeedState.WATCHING);
    await returned.committed(1, returned.batch(1, [aPod('applied', 'c')]));
    expect(await storedPods()).toEqual(['a', 'b', 'c']);
    const isSynced = ({ state }: Account) => state === 'synced';
    const account = await bridge.until<Account>('/api/v1/accounts/prod', isSynced);
    expect(account).toMatchObject({ objects: 3, reason: '', lagMs: 0 });
  });

  it('remembers a snapshot that was never complete as one to begin anew', async () => {
    await start();
    const agent = await connect();
    const { epoch } = await agent.accepted('prod');
    agent.openFeed({ account: 'prod', epoch, feedId: 1 });
    await agent.committed(1, agent.batch(1, [aMark('init'), aPod('initApplied', 'a')]));
    await bridge.stop();

    await start();
    const { checkpoints } = await (await connect()).accepted('prod');

    expect(checkpoints).toMatchObject([{ resource: 'pods', resourceVersion: '' }]);
  });
});

describe('two agents', () => {
  it('rejects another cluster by the same name, and does not disturb the first', async () => {
    await start();
    const first = await feeding(['a']);
    const second = await connect({ agentId: 'agent-2' });
    second.register('prod', { uid: 'uid-2' });

    const { code, reason } = await second.hear('accountRejected');
    await first.committed(1, first.batch(1, [aPod('applied', 'b')]));

    expect(code).toBe(RejectionCode.OTHER_CLUSTER);
    expect(reason).toContain('uid-1');
    const { items } = await bridge.json<Page<object>>('/api/v1/agents');
    expect(items).toMatchObject([
      { name: 'agent-1', accounts: [{ name: 'prod', role: 'active' }] },
      { name: 'agent-2', accounts: [{ name: 'prod', role: 'rejected' }] },
    ]);
  });

  it('lets the second agent of a cluster stand by, and feed when the first is lost', async () => {
    await start();
    const first = await feeding(['a']);
    const second = await connect({ agentId: 'agent-2' });
    second.register('prod', { uid: 'uid-1' });
    expect((await second.hear('accountStandby')).reason).toContain('agent-1');

    first.crash();
    const { epoch, checkpoints } = await second.hear('accountAccepted');

    expect(epoch).toBe(2);
    expect(checkpoints).toMatchObject([{ resourceVersion: '50' }]);
  });

  it('takes the newer of two links of one agent, and writes nothing from the older', async () => {
    await start();
    const older = await feeding(['a']);
    const newer = await connect();
    const { epoch } = await newer.accepted('prod');
    expect(await older.hear('accountRevoked')).toMatchObject({ name: 'prod', epoch: 1 });

    older.batch(1, [aPod('applied', 'ghost')]);
    newer.openFeed({ account: 'prod', epoch, feedId: 1 });
    await newer.committed(1, newer.batch(1, [aPod('applied', 'b')]));

    expect(await storedPods()).toEqual(['a', 'b']);
    expect(older.unheard()).not.toContain('refused');
  });
});

describe('an agent that sends what is no batch', () => {
  it('loses that account alone, and gets it back to go on from its checkpoint', async () => {
    await start('registry: { gracePeriodSeconds: 2 }');
    const agent = await feeding(['a']);
    const other = await agent.accepted('other', 'uid-2');
    agent.openFeed({ account: 'other', epoch: other.epoch, feedId: 2 });
    await agent.committed(2, agent.batch(2, aSnapshot(['x'], '50')));

    const garbled = { ...aBatch([aPod('applied', 'b')], { batchSeq: 2 }), uncompressedBytes: 7777 };
    for (const value of batchToParts(garbled)) agent.say({ $case: 'batchPart', value });
    const { name, reason } = await agent.hear('accountRevoked');
    await agent.committed(2, agent.batch(2, [aPod('applied', 'y')]));
    const again = await agent.hear('accountAccepted');
    agent.openFeed({ account: 'prod', epoch: again.epoch, feedId: 3 });
    await agent.committed(3, agent.batch(3, [aPod('applied', 'b')]));

    expect(name).toBe('prod');
    expect(reason).toMatch(/^set apart for 1 s: a batch is none/);
    expect(again).toMatchObject({ name: 'prod', checkpoints: [{ resourceVersion: '50' }] });
    expect(again.epoch).toBeGreaterThan(1);
    expect(await storedPods()).toEqual(['x', 'y', 'a', 'b']);
    expect(agent.unheard()).not.toContain('refused');
  });
});

describe('two bridges on one database', () => {
  let other: BridgeUnderTest;

  beforeEach(async () => {
    await start();
    other = await startBridgeUnderTest(directory, '', 'bridge-other');
  });

  afterEach(() => other.stop());

  it('lets an agent of one stand by, and feed once the other has lost its own', async () => {
    const first = await feeding(['a']);
    const second = await connect({ agentId: 'agent-2', port: other.grpcPort });
    second.register('prod', { uid: 'uid-1' });
    await second.hear('accountStandby');
    const isSynced = ({ state }: Account) => state === 'synced';
    expect(await other.until<Account>('/api/v1/accounts/prod', isSynced)).toMatchObject({
      reason: 'fed through bridge bridge-test',
    });

    first.crash();
    const { epoch, checkpoints } = await second.hear('accountAccepted');

    expect({ epoch, rv: checkpoints[0]?.resourceVersion }).toEqual({ epoch: 2, rv: '50' });
    const view = '/api/v1/accounts/prod';
    const isGone = ({ bridge: name }: Account) => name === 'bridge-other';
    await bridge.until<Account>(view, isGone);
  }, 30_000);

  it('lets a process go on through the other, and writes nothing that came by the first', async () => {
    const first = await feeding(['a']);
    const second = await connect({ port: other.grpcPort });
    const { epoch, checkpoints } = await second.accepted('prod');
    expect({ epoch, rv: checkpoints[0]?.resourceVersion }).toEqual({ epoch: 2, rv: '50' });

    first.batch(1, [aPod('applied', 'ghost')]);
    const revoked = await first.hear('accountRevoked');
    await first.hear('accountStandby');
    second.openFeed({ account: 'prod', epoch, feedId: 1 });
    await second.committed(1, second.batch(1, [aPod('applied', 'b')]));

    expect(revoked).toMatchObject({ name: 'prod', epoch: 1 });
    expect(await storedPods()).toEqual(['a', 'b']);
    expect((await bridge.get('/metrics')).text).toContain('fairlead_bridge_fenced_writes_total 1');
  }, 30_000);

  it('tells of both, and of those that live', async () => {
    const areAlive = ({ items }: Page<{ alive: boolean }>) => items.every(({ alive }) => alive);
    const { items } = await bridge.until('/api/v1/replicas', areAlive);

    expect(items).toMatchObject([
      { name: 'bridge-other', self: false, alive: true },
      { name: 'bridge-test', self: true, alive: true },
    ]);
  }, 30_000);
});

describe('giving a name to another cluster', () => {
  const move = (body?: object) => bridge.post('/api/v1/accounts/prod/move', undefined, body);

  it('lets the rejected cluster in, with nothing of the old one', async () => {
    await start();
    const old = await feeding(['old-a', 'old-b']);
    const rebuilt = await connect({ agentId: 'agent-2' });
    rebuilt.register('prod', { uid: 'uid-2' });
    await rebuilt.hear('accountRejected');

    const answer = await move();
    const { epoch, checkpoints } = await rebuilt.hear('accountAccepted');

    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text)).toMatchObject({ from: { uid: 'uid-1' }, to: { uid: 'uid-2' } });
    expect(checkpoints).toEqual([]);
    expect(await storedPods()).toEqual([]);
    expect(await old.hear('accountRevoked')).toMatchObject({ epoch: 1 });
    expect(await old.hear('accountRejected')).toMatchObject({ code: RejectionCode.OTHER_CLUSTER });
    old.batch(1, [aPod('applied', 'ghost')]);
    rebuilt.openFeed({ account: 'prod', epoch, feedId: 1 });
    await rebuilt.committed(1, rebuilt.batch(1, aSnapshot(['new'], '3')));
    expect(await storedPods()).toEqual(['new']);
    expect(await bridge.json('/api/v1/accounts/prod')).toMatchObject({
      ...{ agent: 'agent-2', objects: 1, cluster: { uid: 'uid-2' } },
    });
    expect(bridge.log.some((line) => line.includes('"client":"anybody"'))).toBe(true);
  });

  it('keeps the name for a cluster that is not offered yet, by its uid', async () => {
    await start();
    const old = await feeding(['a']);

    expect((await move({ uid: 'uid-2' })).status).toBe(202);
    await old.hear('accountRejected');
    const rebuilt = await connect({ agentId: 'agent-2' });
    rebuilt.register('prod', { uid: 'uid-2' });

    expect((await rebuilt.hear('accountAccepted')).checkpoints).toEqual([]);
  });

  it('says why not', async () => {
    await start();
    await feeding(['a']);

    const answers = [await move(), await move({ uid: 'uid-1' }), await move({ name: 'x' })];
    const elsewhere = await bridge.post('/api/v1/accounts/unheard-of/move');

    expect(answers.map(({ status }) => status)).toEqual([409, 409, 400]);
    expect(elsewhere.status).toBe(404);
    expect(answers[0]?.text).toContain('no agent of this bridge offers another cluster');
    expect(await storedPods()).toEqual(['a']);
  });

  it('is for clients that may write', async () => {
    await start(`
auth:
  clients:
    - { token: reader, name: reader, accounts: ['prod'] }
    - { token: writer, name: writer, accounts: ['prod'], access: write }
    - { token: stranger, name: stranger, accounts: ['other'], access: write }
`);
    const agent = await connect();
    await agent.accepted('prod');
    const path = '/api/v1/accounts/prod/move';
    const statusOf = async (token: string) =>
      (await bridge.post(path, token, { uid: 'uid-2' })).status;

    expect(await statusOf('reader')).toBe(403);
    expect(await statusOf('stranger')).toBe(404);
    expect(await statusOf('nobody')).toBe(401);
    expect(await statusOf('writer')).toBe(202);
  });
});

describe('an account that nobody feeds', () => {
  it('keeps its rows through the grace period, and loses them after it', async () => {
    await start('registry: { gracePeriodSeconds: 1 }');
    const agent = await feeding(['a', 'b']);

    agent.say({ $case: 'unregisterAccount', value: { name: 'prod', reason: '' } });
    await agent.hear('accountRevoked');
    expect(await bridge.json<Account>('/api/v1/accounts/prod')).toMatchObject({
      state: 'disconnected',
      reason: 'withdrawn by its agent',
      objects: 2,
    });
    expect(await storedPods()).toEqual(['a', 'b']);
    await bridge.until<Page<Account>>('/api/v1/accounts', ({ items }) => items.length === 0);

    expect(await storedPods()).toEqual([]);
    const { epoch, checkpoints } = await agent.accepted('prod', 'uid-2');
    expect(epoch).toBeGreaterThan(2);
    expect(checkpoints).toEqual([]);
  });
});

describe('who may come in', () => {
  it('refuses a version it does not speak, naming those of both sides', async () => {
    await start();
    const agent = dial({ versions: [7, 8] });

    const { code, message, supportedVersions } = await agent.hear('refused');

    expect(code).toBe(RefusalCode.UNKNOWN_VERSION);
    expect(message).toBe('the agent speaks protocol version 7, 8, the bridge 1');
    expect(supportedVersions).toEqual([1]);
    await agent.ended;
  });

  it('limits an agent to the account names of its token', async () => {
    await start('auth: { agents: [{ token: s3cret, accounts: ["team-a-*"] }] }');
    const agent = await connect({ token: 's3cret' });

    agent.register('team-b-prod', { uid: 'uid-9' });
    const { code } = await agent.hear('accountRejected');
    const { epoch } = await agent.accepted('team-a-prod');

    expect(code).toBe(RejectionCode.NOT_ALLOWED);
    expect(epoch).toBe(1);
    const { items } = await bridge.json<Page<Account>>('/api/v1/accounts');
    expect(items.map(({ name, state }) => [name, state])).toEqual([
      ['team-a-prod', 'syncing'],
      ['team-b-prod', 'rejected'],
    ]);
  });

  it.each([undefined, 'wrong'])('turns an agent with the token %s away', async (token) => {
    await start('auth: { agents: [{ token: s3cret, accounts: ["*"] }] }');

    const { code, details } = await dial(token === undefined ? {} : { token }).ended;

    expect(code).toBe(16);
    expect(details).not.toContain('s3cret');
  });

  it('shows a client only the accounts of its token', async () => {
    await start(`
auth:
  clients:
    - { name: a, token: token-a, accounts: ["prod"] }
    - { name: b, token: token-b, accounts: ["other"] }
`);
    await feeding(['a']);

    expect(await bridge.get('/api/v1/accounts')).toMatchObject({ status: 401 });
    expect(await bridge.json('/api/v1/objects', 'token-a')).toMatchObject({ items: [{}] });
    expect(await bridge.json('/api/v1/objects', 'token-b')).toEqual({ items: [] });
    expect(await bridge.json('/api/v1/accounts', 'token-b')).toEqual({ items: [] });
    expect(await bridge.get('/api/v1/accounts/prod', 'token-b')).toMatchObject({ status: 404 });
    expect(await bridge.get('/api/v1/objects/prod/pod/default/a', 'token-b')).toMatchObject({
      status: 404,
    });
    expect(await bridge.get('/readyz')).toMatchObject({ status: 200 });
  });
});

describe('the API', () => {
  it('pages through accounts', async () => {
    await start();
    const agent = await connect();
    for (const name of ['c', 'a', 'b']) await agent.accepted(name, `uid-${name}`);

    const first = await bridge.json<Page<Account>>('/api/v1/accounts?limit=2');
    const next = await bridge.json<Page<Account>>(
      `/api/v1/accounts?limit=2&continue=${first.continue}`,
    );

    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(next.items.map(({ name }) => name)).toEqual(['c']);
    expect(next.continue).toBeUndefined();
  });

  it('tells of every field of an account that is promised', async () => {
    await start();
    const agent = await feeding(['a', 'b']);
    agent.status(1, FeedState.WATCHING);

    const isSynced = ({ state }: Account) => state === 'synced';
    const account = await bridge.until<Account>('/api/v1/accounts/prod', isSynced);
    const { items } = await bridge.json<Page<object>>('/api/v1/accounts/prod/feeds');

    expect(account).toEqual({
      name: 'prod',
      state: 'synced',
      reason: '',
      agent: 'agent-1',
      bridge: 'bridge-test',
      cluster: {
        server: 'https://uid-1.example',
        certificateFingerprint: '',
        version: 'v1.31.0',
        uid: 'uid-1',
      },
      objects: 2,
      asOf: expect.stringMatching(/^\d{4}-.*Z$/),
      lagMs: 0,
      kinds: [],
      properties: {},
    });
    expect(items).toEqual([
      {
        kind: 'pod',
        group: '',
        version: 'v1',
        namespace: '',
        state: 'watching',
        reason: '',
        resourceVersion: '50',
        objects: 2,
        asOf: expect.any(String),
        verifiedAt: null,
      },
    ]);
  });

  it('shows a feed that is lost as stale, with the reason', async () => {
    await start();
    const agent = await feeding(['a']);
    agent.status(1, FeedState.LOST, 'connection refused');

    const isStale = ({ state }: Account) => state === 'stale';
    const account = await bridge.until<Account>('/api/v1/accounts/prod', isStale);

    expect(account.reason).toBe('pods: connection refused');
    expect(await storedPods()).toEqual(['a']);
  });

  it.each([
    ['/api/v1/accounts/nobody', 404],
    ['/api/v1/accounts/nobody/feeds', 404],
    ['/api/v1/objects/nobody/pod/default/x', 404],
    ['/api/v1/objects?limit=0', 400],
    ['/api/v1/objects?colour=red', 400],
    ['/api/v1/objects?labelSelector=a%20in', 400],
    ['/api/v1/objects?continue=rubbish', 400],
    ['/api/v1/accounts?continue=*', 400],
    ['/api/v1/dead-letters/none', 404],
    ['/api/v1/dead-letters?continue=*', 400],
    ['/api/v1/dead-letters?limit=1001', 400],
    ['/nowhere', 404],
  ])('answers %s with a problem document', async (path, status) => {
    await start();

    const answer = await bridge.get(path);

    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'about:blank', status });
  });

  it('serves its own description', async () => {
    await start();

    const document = await bridge.json<{ paths: object }>('/api/v1/openapi.json');

    expect(Object.keys(document.paths)).toContain('/api/v1/accounts/{name}/feeds');
    expect(Object.keys(document.paths)).toContain('/cache/kubernetes/manifest');
  });

  it('measures what it has promised to measure', async () => {
    await start();
    await feeding(['a', 'b']);

    const { text } = await bridge.get('/metrics');

    for (const line of [
      'fairlead_bridge_links 1',
      'fairlead_bridge_accounts{state="syncing"} 1',
      'fairlead_bridge_accounts{state="disconnected"} 0',
      'fairlead_bridge_account_state{account="prod",state="syncing"} 1',
      'fairlead_bridge_feeds{account="prod",state="listing"} 1',
      'fairlead_bridge_replicas{state="alive"} 1',
      'fairlead_build_info{program="fairlead-bridge",version="0.0.0-test"} 1',
      'fairlead_bridge_deltas_committed_total 4',
      'fairlead_bridge_rows_written_total{result="inserted"} 2',
      'fairlead_bridge_fenced_writes_total 0',
      'fairlead_bridge_deltas_dropped_total 0',
      'fairlead_bridge_held_bytes 0',
      'fairlead_bridge_held_limit_bytes 268435456',
      'fairlead_bridge_sql_retries_total{reason="deadlock"} 0',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/fairlead_bridge_feed_lag_seconds\{account="prod"\} /);
    expect(text).toMatch(/fairlead_bridge_sql_seconds_count\{statement="commit"\} [1-9]/);
  });
});
