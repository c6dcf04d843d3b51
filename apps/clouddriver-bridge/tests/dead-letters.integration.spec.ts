/** Objects that are put aside, as people find them and try them again. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { aMark, aPod, aSnapshot } from './deltas.ts';
import { FakeAgent, type FakeAgentOptions } from './fake-agent.ts';

interface Letter {
  readonly id: string;
  readonly name: string;
  readonly attempts: number;
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
  const agent = new FakeAgent({ port: bridge.grpcPort, ...options });
  agents.push(agent);
  return agent.welcome();
}

/** An agent that feeds pods of an account, an empty snapshot committed. */
async function feeding(account = 'prod', feedId = 1): Promise<FakeAgent> {
  const agent = await connect({ agentId: `agent-${account}` });
  const { epoch } = await agent.accepted(account, `uid-${account}`);
  agent.openFeed({ account, epoch, feedId });
  await agent.committed(feedId, agent.batch(feedId, aSnapshot([], '50')));
  return agent;
}

/** A pod that is no JSON. */
const bad = (name = 'bad') => ({ ...aPod('applied', name), object: Buffer.from('{"kind":"Pod"') });

/** The database refuses pods whose name holds `poison`, until the answer is called. */
function poisonPods(): () => void {
  const database = new DatabaseSync(join(directory, 'fairlead.sqlite'), { timeout: 5000 });
  for (const verb of ['INSERT', 'UPDATE']) {
    database.exec(`CREATE TRIGGER poison_${verb} BEFORE ${verb} ON cats_v1_pod
      WHEN NEW.id LIKE '%poison%' BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);
  }
  return () => {
    for (const verb of ['INSERT', 'UPDATE']) database.exec(`DROP TRIGGER poison_${verb}`);
    database.close();
  };
}

async function letters(query = ''): Promise<readonly Letter[]> {
  return (await bridge.json<Page<Letter>>(`/api/v1/dead-letters${query}`)).items;
}

async function gauge(reason: string): Promise<number> {
  const { text } = await bridge.get('/metrics');
  const line = new RegExp(`^fairlead_bridge_dead_letters\\{reason="${reason}"\\} (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1] ?? Number.NaN);
}

async function podNames(): Promise<readonly string[]> {
  const { items } = await bridge.json<Page<{ name: string }>>('/api/v1/objects?kind=pod');
  return items.map(({ name }) => name);
}

async function replay(id: string): Promise<unknown> {
  const { status, text } = await bridge.post(`/api/v1/dead-letters/${id}/replay`);
  return { status, ...(JSON.parse(text) as object) };
}

describe('an object that is put aside', () => {
  it('is listed with all that is needed to find it', async () => {
    await start();
    const agent = await feeding();
    const record = bad();

    await agent.committed(1, agent.batch(1, [record, aPod('applied', 'good')]));

    const [letter] = await letters();
    expect(letter).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      account: 'prod',
      kind: 'pod',
      group: '',
      resource: 'pods',
      namespace: 'default',
      name: 'bad',
      uid: 'uid-bad',
      resourceVersion: record.resourceVersion,
      operation: 'write',
      reason: 'invalidJson',
      message: '',
      firstSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      lastSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      attempts: 1,
      bytes: 13,
      isReplayable: true,
    });
    expect(await bridge.json(`/api/v1/dead-letters/${letter!.id}`)).toEqual({
      ...letter,
      object: Buffer.from('{"kind":"Pod"').toString('base64'),
    });
    expect(await podNames()).toEqual(['good']);
  });

  it('is still counted after a restart, and cleared by a good version then', async () => {
    await start();
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [bad(), bad('worse')]));
    expect(await gauge('invalidJson')).toBe(2);
    await bridge.stop();

    await start();
    expect(await gauge('invalidJson')).toBe(2);
    const returned = await connect({ agentId: 'agent-prod' });
    const { epoch } = await returned.accepted('prod', 'uid-prod');
    returned.openFeed({ account: 'prod', epoch, feedId: 1 });
    const changes = [aPod('applied', 'bad'), aPod('deleted', 'worse')];
    await returned.committed(1, returned.batch(1, changes));

    expect(await letters()).toEqual([]);
    expect(await gauge('invalidJson')).toBe(0);
    expect((await bridge.get('/metrics')).text).toMatch(
      /^fairlead_bridge_deltas_dropped_total 0$/m,
    );
  });

  it('is listed in pages, and of one account', async () => {
    await start();
    const [one, other] = [await feeding('one'), await feeding('other')];
    await one.committed(1, one.batch(1, ['a', 'b', 'c'].map(bad)));
    await other.committed(1, other.batch(1, ['d', 'e'].map(bad)));

    const names: string[] = [];
    let page = await bridge.json<Page<Letter>>('/api/v1/dead-letters?limit=2');
    names.push(...page.items.map(({ name }) => name));
    while (page.continue !== undefined) {
      page = await bridge.json(`/api/v1/dead-letters?limit=2&continue=${page.continue}`);
      names.push(...page.items.map(({ name }) => name));
    }

    expect(names.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await letters('?account=other')).map(({ name }) => name).sort()).toEqual(['d', 'e']);
  });

  it('goes with its account', async () => {
    await start('registry: { gracePeriodSeconds: 1 }');
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [bad()]));

    agent.say({ $case: 'unregisterAccount', value: { name: 'prod', reason: '' } });
    await bridge.until<Page<object>>('/api/v1/accounts', ({ items }) => items.length === 0);

    expect(await letters()).toEqual([]);
  });

  it('leaves no value of a Secret in the database, whatever an agent sends', async () => {
    await start();
    const agent = await connect();
    const { epoch } = await agent.accepted('prod');
    agent.openFeed({ account: 'prod', epoch, feedId: 1, resource: 'secrets', kind: 'Secret' });
    agent.openFeed({ account: 'prod', epoch, feedId: 2 });
    const canary = 'Y2FuYXJ5LXZhbHVl';
    const secret = `{"kind":"Secret","apiVersion":"v1","data":{"password":"${canary}"}`;
    const named = (name: string, text: string) => ({
      ...aPod('applied', name),
      object: Buffer.from(text),
    });
    const cut = named('cut', secret);
    const nameless = named('nameless', `${secret},"metadata":{}}`);
    const astray = named('astray', `${secret},"metadata":{"name":"astray"}}`);

    await agent.committed(1, agent.batch(1, [cut, nameless]));
    await agent.committed(2, agent.batch(2, [astray]));

    const kept = await letters();
    expect(kept.map(({ name }) => name).sort()).toEqual(['astray', 'cut', 'nameless']);
    expect(kept).toMatchObject(kept.map(() => ({ isReplayable: false })));
    for (const file of await readdir(directory)) {
      expect((await readFile(join(directory, file))).includes(canary)).toBe(false);
    }
  });
});

describe('a replay', () => {
  it('stores what the database takes by now', async () => {
    await start();
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [aPod('applied', 'first')]));
    const heal = poisonPods();
    const poison = aPod('applied', 'poison', { body: { spec: { nodeName: 'n' } } });
    await agent.committed(1, agent.batch(1, [aPod('applied', 'a'), poison, aPod('applied', 'z')]));
    expect(await podNames()).toEqual(['a', 'first', 'z']);
    const [letter] = await letters();
    expect(await gauge('refused')).toBe(1);

    expect(await replay(letter!.id)).toEqual({
      ...{ status: 200, outcome: 'refused', reason: 'refused' },
      message: expect.stringContaining('poisoned'),
    });
    expect(await letters()).toMatchObject([{ attempts: 2 }]);
    heal();
    expect(await replay(letter!.id)).toEqual({
      ...{ status: 200, outcome: 'committed', reason: '', message: '' },
    });

    expect(await podNames()).toEqual(['a', 'first', 'poison', 'z']);
    const { text } = await bridge.get('/api/v1/objects/prod/pod/default/poison');
    expect(text).toBe(Buffer.from(poison.object).toString());
    expect(await gauge('refused')).toBe(0);
    expect(await replay(letter!.id)).toMatchObject({ status: 404 });
  });

  it('has nothing to try when the object was never read', async () => {
    await start();
    const agent = await feeding();
    const unread = { ...aPod('applied', 'unread'), object: new Uint8Array(0) };
    await agent.committed(1, agent.batch(1, [unread]));
    const [letter] = await letters();

    expect(await replay(letter!.id)).toMatchObject({ status: 409 });
  });

  it('is answered with 503 while nobody feeds the account here', async () => {
    await start();
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [bad()]));
    const [letter] = await letters();
    agent.say({ $case: 'unregisterAccount', value: { name: 'prod', reason: '' } });
    await agent.hear('accountRevoked');

    const { status, text, type } = await bridge.post(`/api/v1/dead-letters/${letter!.id}/replay`);

    expect(status).toBe(503);
    expect(type).toContain('application/problem+json');
    expect(text).toContain('is not fed over this bridge');
    expect(await letters()).toHaveLength(1);
  });

  it('is for clients that may write', async () => {
    await start(`
auth:
  clients:
    - { name: reader, token: token-r, accounts: ["prod"] }
    - { name: writer, token: token-w, accounts: ["prod"], access: write }
    - { name: other, token: token-o, accounts: ["other"], access: write }
`);
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [bad()]));
    const { items } = await bridge.json<Page<Letter>>('/api/v1/dead-letters', 'token-r');
    const path = `/api/v1/dead-letters/${items[0]!.id}`;

    expect(await bridge.get(path)).toMatchObject({ status: 401 });
    expect(await bridge.get(path, 'token-r')).toMatchObject({ status: 200 });
    expect(await bridge.get(path, 'token-o')).toMatchObject({ status: 404 });
    expect(await bridge.json('/api/v1/dead-letters', 'token-o')).toEqual({ items: [] });
    expect(await bridge.post(`${path}/replay`, 'token-r')).toMatchObject({ status: 403 });
    expect(await bridge.post(`${path}/replay`, 'token-o')).toMatchObject({ status: 404 });
    expect(await bridge.post(`${path}/replay`, 'token-w')).toMatchObject({ status: 200 });
  });

  it('does not disturb a snapshot on its way', async () => {
    await start();
    const agent = await feeding();
    await agent.committed(1, agent.batch(1, [aPod('applied', 'first')]));
    const heal = poisonPods();
    await agent.committed(1, agent.batch(1, [aPod('applied', 'poison')]));
    const [letter] = await letters();
    heal();
    await agent.committed(1, agent.batch(1, [aMark('init'), aPod('initApplied', 'new')]));

    const answer = await replay(letter!.id);
    await agent.committed(1, agent.batch(1, [aMark('initDone', '90')]));

    expect(answer).toMatchObject({ outcome: 'committed' });
    // The snapshot knows better than the letter: the object is gone.
    expect(await podNames()).toEqual(['new']);
  });
});
