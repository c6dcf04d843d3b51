/** Faults that only a real connection shows: broken chunks, refused connections, silence. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createManualClock, type Fleet, startFleet } from '../src/index.ts';

let fleet: Fleet;

/** What a client that reads everything meets: the bytes, and how it ended. */
function get(path: string): Promise<{ text: string; problem: string | undefined }> {
  return new Promise((resolve) => {
    let text = '';
    const done = (problem?: string): void => resolve({ text, problem });
    const failed = (error: NodeJS.ErrnoException): void => done(error.code);
    request(`${fleet.cluster('sim-1').url}${path}`, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', failed);
      response.on('end', () => done());
    })
      .on('error', failed)
      .end();
  });
}

afterEach(() => fleet.stop());

describe('over a real connection', () => {
  it('a chunk that never ends is seen as a broken connection, not as an end', async () => {
    fleet = await startFleet({ objectsPerCluster: 300 });
    fleet.cluster('sim-1').faults.add({ effect: { kind: 'closeChunk', afterBytes: 5000 } });

    const { text, problem } = await get('/api/v1/pods');

    expect(problem).toBe('ECONNRESET');
    expect(text.length).toBeGreaterThan(5000);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it.each([10, 5000, 200_000])(
    'a connection that is cut after %d bytes brings just them',
    async (afterBytes) => {
      fleet = await startFleet({ objectsPerCluster: 300 });
      fleet.cluster('sim-1').faults.add({ effect: { kind: 'close', afterBytes } });

      const { text, problem } = await get('/api/v1/pods');

      expect(problem).toBe('ECONNRESET');
      expect(Buffer.byteLength(text)).toBe(afterBytes);
    },
  );

  it('a connection that is cut inside a line brings half of it', async () => {
    fleet = await startFleet({ objectsPerCluster: 300 });
    fleet.cluster('sim-1').faults.add({ effect: { kind: 'cutLine', afterLines: 2, how: 'close' } });

    const { text, problem } = await get('/api/v1/pods?watch=true');

    const lines = text.split('\n');
    expect(problem).toBe('ECONNRESET');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^\{"type":"ADDED","object":/);
    expect(() => JSON.parse(lines[2]!) as unknown).toThrow(SyntaxError);
  });

  it('a body that is cut in order is seen as an end', async () => {
    fleet = await startFleet({ objectsPerCluster: 300 });
    fleet.cluster('sim-1').faults.add({ effect: { kind: 'cut', afterBytes: 5000 } });

    expect(await get('/api/v1/pods')).toMatchObject({ problem: undefined });
  });

  it.each(['ports', 'paths'] as const)('a restart drops and refuses (%s)', async (layout) => {
    const clock = createManualClock();
    fleet = await startFleet({ objectsPerCluster: 10, layout, clock });
    const cluster = fleet.cluster('sim-1');
    const open = get('/api/v1/pods?watch=true');
    while (cluster.stats.openWatches === 0) await new Promise((resolve) => setImmediate(resolve));

    const restarting = cluster.incidents.restart({ downMs: 1000 });
    const dropped = await open;
    const refused = await get('/api/v1/pods');
    while (cluster.incidents.isDown) {
      await clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await restarting;

    expect(dropped.problem).toBe('ECONNRESET');
    expect(refused.problem).toBe(layout === 'ports' ? 'ECONNREFUSED' : 'ECONNRESET');
    expect((await get('/api/v1/pods')).text).toContain('"kind":"PodList"');
  });

  it('pieces of random lengths make the same body', async () => {
    fleet = await startFleet({ objectsPerCluster: 40 });
    const whole = await get('/api/v1/pods');
    fleet.cluster('sim-1').faults.add({ effect: { kind: 'split', maxBytes: 500 } });

    expect(await get('/api/v1/pods')).toEqual(whole);
  });

  it.each([
    { kind: 'close', afterBytes: 5000 },
    { kind: 'closeChunk', afterBytes: 5000 },
  ] as const)('of HTTP/2 the stream is reset, and others go on: %j', async (effect) => {
    fleet = await startFleet({ objectsPerCluster: 300, tls: true });
    const cluster = fleet.cluster('sim-1');
    cluster.faults.add({ match: { resource: 'pods' }, effect });
    const session = connectHttp2(cluster.url, { rejectUnauthorized: false });

    const broken = session.request({ ':path': '/api/v1/pods' });
    let bytes = 0;
    broken.on('data', (chunk: Buffer) => (bytes += chunk.length));
    const [error] = (await once(broken, 'error', { signal: AbortSignal.timeout(5000) }).catch(
      (problem: unknown) => [problem],
    )) as [NodeJS.ErrnoException];
    const whole = session.request({ ':path': '/api/v1/configmaps' }).resume();
    await once(whole, 'end');

    expect(error.code).toBe('ERR_HTTP2_STREAM_ERROR');
    expect(bytes).toBeGreaterThanOrEqual(5000);
    session.destroy();
  });

  it('a slow reader of HTTP/2 is waited for', async () => {
    fleet = await startFleet({ podsPerCluster: 20_000, tls: true });
    const cluster = fleet.cluster('sim-1');
    const session = connectHttp2(cluster.url, { rejectUnauthorized: false });

    const list = session.request({ ':path': '/api/v1/pods' });
    await once(list, 'response');
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    const sentToNobody = cluster.stats.sentBytes;
    session.destroy();

    // 60 MB wait to be read; what is on its way fits into windows and buffers.
    expect(sentToNobody).toBeLessThan(4_000_000);
  });
});
