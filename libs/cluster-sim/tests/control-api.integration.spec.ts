/** The control API, TLS and gzip over real connections: what another program of a benchmark uses. */
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Stream } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { type Fleet, type JsonObject, startFleet } from '../src/index.ts';
import { parse } from 'yaml';

const running: Fleet[] = [];
const start = async (options: Parameters<typeof startFleet>[0]): Promise<Fleet> => {
  const fleet = await startFleet(options);
  running.push(fleet);
  return fleet;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((fleet) => fleet.stop()));
});

const ask = async (url: string, method = 'GET', body?: string): Promise<JsonObject> => {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
  return { status: response.status, ...((await response.json()) as JsonObject) };
};

describe('the control API', () => {
  it('is not there unless asked for', async () => {
    const fleet = await start({});

    expect(fleet.controlUrl).toBeUndefined();
    expect((await fetch(`${fleet.cluster('sim-1').url}/sim/stats`)).status).toBe(404);
  });

  it.each(['ports', 'paths'] as const)('pumps events and counts them (%s)', async (layout) => {
    const fleet = await start({
      clusters: 2,
      objectsPerCluster: 5,
      podsPerCluster: 50,
      control: true,
      layout,
    });
    const { url } = fleet.cluster('sim-2');
    const watch = await fetch(
      `${url}/api/v1/pods?watch=true&resourceVersion=${fleet.cluster('sim-2').resourceVersion}`,
    );
    const reading = countLines(watch, 3000);

    const pumped = await ask(
      `${fleet.controlUrl}/pump?cluster=sim-2&resource=pods&events=3000`,
      'POST',
    );
    const lines = await reading;
    const { clusters } = await ask(`${fleet.controlUrl}/stats`);

    expect(pumped).toMatchObject({ pumps: [{ made: 3000, objects: 50, isDone: true }] });
    expect(lines).toBe(3000);
    expect(clusters).toMatchObject([
      { name: 'sim-1', objects: 55, eventsServed: 0, pumps: [] },
      {
        name: 'sim-2',
        eventsServed: 3000,
        requests: 1,
        requestsByVerb: { watch: 1, list: 0 },
        pumps: [{ made: 3000 }],
      },
    ]);
  });

  it('answers at once for a pump that nobody waits for', async () => {
    const fleet = await start({ objectsPerCluster: 5, podsPerCluster: 50, control: true });

    const pumped = await ask(`${fleet.controlUrl}/pump?events=10&wait=false`, 'POST');

    expect(pumped).toMatchObject({ pumps: [{ events: 10, made: 0, isDone: false }] });
  });

  it('sets faults by name or as a rule, and takes them back', async () => {
    const fleet = await start({ control: true });
    const pods = `${fleet.cluster('sim-1').url}/api/v1/pods`;
    const status = async (): Promise<number> => (await fetch(pods)).status;
    const faults = `${fleet.controlUrl}/faults`;

    const named = await ask(`${faults}?fault=forbidden=pods&cluster=sim-1`, 'POST');
    const forbidden = await status();
    await ask(`${faults}?id=1`, 'DELETE');
    const allowed = await status();
    const rule = { match: { resource: 'pods' }, effect: { kind: 'status', code: 418 }, count: 1 };
    await ask(faults, 'POST', JSON.stringify(rule));

    expect(named).toMatchObject({ clusters: [{ name: 'sim-1', id: 1 }] });
    expect([forbidden, allowed, await status(), await status()]).toEqual([403, 200, 418, 200]);
    expect(await ask(faults)).toMatchObject({
      clusters: [{ faults: [{ id: 2, name: 'status', strikes: 1 }] }],
    });
  });

  it('rotates tokens', async () => {
    const fleet = await start({ control: true });

    const { clusters } = await ask(`${fleet.controlUrl}/tokens`, 'POST');

    expect(clusters).toEqual([{ name: 'sim-1', token: fleet.cluster('sim-1').token }]);
    expect((await fetch(`${fleet.cluster('sim-1').url}/api`)).status).toBe(401);
  });

  it.each([
    ['', undefined],
    ['?watches=end', 'end'],
  ])('forgets history (%s)', async (query, how) => {
    const fleet = await start({ control: true });
    const cluster = fleet.cluster('sim-1');
    const from = cluster.resourceVersion;
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } });
    const watch = await fetch(
      `${cluster.url}/api/v1/namespaces?watch=true&resourceVersion=${from}`,
    );

    await ask(`${fleet.controlUrl}/compact${query}`, 'POST');
    const again = await fetch(
      `${cluster.url}/api/v1/namespaces?watch=true&resourceVersion=${from}`,
    );

    expect(await again.text()).toContain('"code":410');
    if (how === 'end') expect(await watch.text()).toContain('"name":"new"');
    else expect(cluster.stats.openWatches).toBe(1);
  });

  it.each([
    ['GET', '/nothing', 404],
    ['POST', '/pump', 400],
    ['POST', '/pump?events=1&resource=unicorns', 400],
    ['POST', '/pump?events=1&resource=unicorns&wait=false', 400],
    ['POST', '/faults?fault=nonsense', 400],
    ['GET', '/stats?cluster=nobody', 400],
  ])('says what is wrong with %s %s', async (method, path, status) => {
    const fleet = await start({ control: true });

    expect(await ask(`${fleet.controlUrl}${path}`, method)).toMatchObject({
      status,
      error: expect.any(String),
    });
  });
});

describe('TLS', () => {
  it('is served with a certificate that the kubeconfig vouches for', async () => {
    const fleet = await start({ tls: true, layout: 'paths', clusters: 2 });
    const config = parse(fleet.kubeconfig()) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    };
    const { cluster } = config.clusters[1]!;
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();

    expect(await getOverTls(`${cluster.server}/version`, { ca })).toContain('gitVersion');
    await expect(getOverTls(`${cluster.server}/version`, {})).rejects.toThrow(/certificate/);
  });

  it('carries HTTP/2 for those who offer it, a list and a watch on one connection', async () => {
    const fleet = await start({ tls: true, objectsPerCluster: 0, podsPerCluster: 50 });
    const cluster = fleet.cluster('sim-1');
    const session = connectHttp2(cluster.url, { rejectUnauthorized: false });
    const open = (path: string): ClientHttp2Stream => session.request({ ':path': path });
    const since = cluster.resourceVersion;

    const list = JSON.parse(await textOf(open('/api/v1/pods'))) as { items: unknown[] };
    const watch = open(`/api/v1/configmaps?watch=true&resourceVersion=${since}`);
    const line = once(watch, 'data');
    watch.on('response', () =>
      cluster.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'new', namespace: 'default' },
      }),
    );

    expect(list.items).toHaveLength(50);
    expect(String((await line)[0])).toMatch(/^\{"type":"ADDED".*"name":"new"/);
    session.destroy();
  });
});

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(stream, 'end');
  return text;
}

describe('gzip', () => {
  const get = async (
    url: string,
    encoding: string,
  ): Promise<{ headers: Headers; bytes: Buffer }> => {
    // An encoding of its own keeps fetch from unpacking what comes.
    const { request } = await import('node:http');
    return new Promise((resolve, reject) => {
      request(url, { headers: { 'accept-encoding': encoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            headers: new Headers(response.headers as Record<string, string>),
            bytes: Buffer.concat(chunks),
          }),
        );
        response.on('error', reject);
      }).end();
    });
  };

  it('packs long lists for who takes it, and counts both lengths', async () => {
    const fleet = await start({ objectsPerCluster: 5, podsPerCluster: 500 });
    const cluster = fleet.cluster('sim-1');
    const pods = `${cluster.url}/api/v1/pods`;

    const plain = await get(pods, 'identity');
    const before = cluster.stats;
    const packed = await get(pods, 'br, gzip');
    const { bodyBytes, sentBytes } = cluster.stats;

    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
    expect(bodyBytes - before.bodyBytes).toBe(plain.bytes.length);
    expect(sentBytes - before.sentBytes).toBe(packed.bytes.length);
  });

  it('leaves short lists alone, and everything when it is switched off', async () => {
    const short = await start({ objectsPerCluster: 5, podsPerCluster: 30 });
    const off = await start({ objectsPerCluster: 5, podsPerCluster: 500, gzip: false });

    for (const fleet of [short, off]) {
      const { headers, bytes } = await get(`${fleet.cluster('sim-1').url}/api/v1/pods`, 'gzip');
      expect(headers.get('content-encoding')).toBeNull();
      expect(JSON.parse(bytes.toString())).toMatchObject({ kind: 'PodList' });
    }
  });
});

async function countLines(response: Response, enough: number): Promise<number> {
  let lines = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 0x0a) lines++;
    if (lines >= enough) break;
  }
  return lines;
}

function getOverTls(url: string, trust: { ca?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    httpsRequest(url, trust, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}
