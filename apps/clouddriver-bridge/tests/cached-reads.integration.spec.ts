/** Reads from the cache and the stream of changes, over HTTP, of what a scripted agent feeds. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { aMark, aPod, aSnapshot } from './deltas.ts';
import { FakeAgent } from './fake-agent.ts';
import { LineStream } from './line-stream.ts';

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

let directory: string;
let bridge: BridgeUnderTest;
let agent: FakeAgent;
const streams: LineStream[] = [];
const pods = '/clusters/prod/api/v1/pods?fairlead=cache';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
  bridge = await startBridgeUnderTest(directory);
  agent = await new FakeAgent({ port: bridge.grpcPort }).welcome();
  const { epoch } = await agent.accepted('prod');
  agent.openFeed({ account: 'prod', epoch, feedId: 1 });
  await agent.committed(1, agent.batch(1, aSnapshot(['a', 'b'], '100000')));
});

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  agent.crash();
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

async function open(path: string, headers: Record<string, string> = {}): Promise<LineStream> {
  const stream = await LineStream.open(`http://127.0.0.1:${bridge.httpPort}${path}`, headers);
  streams.push(stream);
  return stream;
}

/** Commits changes, each in a version of its own. */
async function commit(...records: Parameters<typeof agent.batch>[1]): Promise<void> {
  await agent.committed(1, agent.batch(1, records));
}

let version = 100_000;
/** A change in a version that is later than those before. */
function later(type: 'applied' | 'deleted', name: string): ReturnType<typeof aPod> {
  version += 1;
  const { object, ...record } = aPod(type, name);
  const { resourceVersion } = record;
  const text = Buffer.from(object).toString().replace(`"${resourceVersion}"`, `"${version}"`);
  return { ...record, resourceVersion: `${version}`, object: Buffer.from(text) };
}

describe('reads from the cache', () => {
  it('list what is committed, and say how old it is', async () => {
    const { status, text } = await bridge.get(pods);

    const list = JSON.parse(text) as List;
    expect(status).toBe(200);
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(list.metadata.resourceVersion).toBe('100000');
  });

  it('are answered while the agent is away, where live requests cannot be', async () => {
    agent.crash();
    await bridge.until<{ state: string }>(
      '/api/v1/accounts/prod',
      ({ state }) => state === 'disconnected',
    );

    expect((await bridge.get(pods)).status).toBe(200);
    expect((await bridge.get('/clusters/prod/api/v1/pods')).status).toBe(503);
    expect((await bridge.get(`${pods}&watch=true`)).status).toBe(503);
  });

  it('watch what is committed from the version of a list', async () => {
    const { metadata } = JSON.parse((await bridge.get(pods)).text) as List;
    const first = later('applied', 'c');
    await commit(first);
    const watching = await open(`${pods}&watch=true&resourceVersion=${metadata.resourceVersion}`);

    expect(await watching.json()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'c' } },
    });
    const gone = later('deleted', 'a');
    await commit(gone);

    expect(await watching.json()).toMatchObject({
      type: 'DELETED',
      object: { kind: 'Pod', metadata: { name: 'a', resourceVersion: gone.resourceVersion } },
    });
  });

  it('end when the account is fed no longer', async () => {
    const watching = await open(`${pods}&watch=true&resourceVersion=100000`);

    agent.crash();

    expect(await watching.line()).toBeUndefined();
  });

  it('see a snapshot as what it has changed', async () => {
    const watching = await open(`${pods}&watch=true&resourceVersion=100000&allowWatchBookmarks=1`);
    version += 10;
    const kept = later('applied', 'b');
    await commit(aMark('init'), { ...kept, type: 'initApplied' }, aMark('initDone', `${version}`));

    expect(await watching.json()).toMatchObject({
      type: 'DELETED',
      object: { metadata: { name: 'a' } },
    });
    expect(await watching.json()).toMatchObject({
      type: 'MODIFIED',
      object: { metadata: { name: 'b', resourceVersion: kept.resourceVersion } },
    });
  });
});

describe('the stream of changes', () => {
  it('tells of every change, and goes on where it was cut off', async () => {
    const stream = await open('/api/v1/events');
    expect(await stream.line()).toBe(': committed changes');
    await stream.line();
    await commit(later('applied', 'c'));
    const [id, kind, data] = [await stream.line(), await stream.line(), await stream.line()];
    expect(kind).toBe('event: change');
    expect(JSON.parse(data!.slice('data: '.length))).toMatchObject({
      ...{ account: 'prod', kind: 'pod', type: 'added', namespace: 'default', name: 'c' },
      resourceVersion: `${version}`,
    });
    stream.close();
    await commit(later('deleted', 'c'));

    const again = await open('/api/v1/events', { 'last-event-id': id!.slice('id: '.length) });
    const lines = [await again.line(), await again.line(), await again.line(), await again.line()];

    expect(lines[3]).toBe('event: change');
    expect(await again.line()).toContain('"type":"deleted"');
  });

  it('says when it cannot go on', async () => {
    const stream = await open('/api/v1/events', { 'last-event-id': 'another.7' });
    const lines = [await stream.line(), await stream.line(), await stream.line()];

    expect(lines[2]).toMatch(/^id: /);
    expect(await stream.line()).toBe('event: lost');
  });
});

it('counts what was asked of the cache', async () => {
  await bridge.get(pods);
  await bridge.get('/clusters/prod/api/v1/nodes?fairlead=cache');

  const { text } = await bridge.get('/metrics');

  expect(text).toContain('fairlead_bridge_cache_reads_total{verb="list",code="200"} 1');
  expect(text).toContain('fairlead_bridge_cache_reads_total{verb="list",code="404"} 1');
  expect(text).toContain('fairlead_bridge_remembered_bytes{of="changes"} 0');
});
