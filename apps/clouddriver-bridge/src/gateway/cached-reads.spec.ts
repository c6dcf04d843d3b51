import { type ApiRequest } from '@fairlead/api-tunnel';
import { settled } from '../../tests/fake-clock.ts';
import { jsonOf, textOf } from '../../tests/gateway-requests.ts';
import { aPodObject, ReadStand } from '../../tests/read-stand.ts';
import { CachedReads } from './cached-reads.ts';

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly {
    readonly metadata: { readonly name: string; resourceVersion: string };
  }[];
}

const pods = '/api/v1/pods?fairlead=cache';
const podsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods?fairlead=cache`;

async function aStand(): Promise<ReadStand> {
  const stand = new ReadStand();
  await stand.commit({
    put: ['x', 'y', 'z'].map((name, at) =>
      aPodObject(name, 10 + at, { labels: { app: name === 'z' ? 'db' : 'web' } }),
    ),
    checkpoint: 100,
  });
  await stand.commit({
    put: [aPodObject('x', 20, { namespace: 'b', node: 'n2' })],
    checkpoint: 120,
  });
  return stand;
}

const namesOf = (list: List) => list.items.map(({ metadata }) => metadata.name);

describe(CachedReads, () => {
  it('leaves everything to the cluster that nobody wants from the cache', async () => {
    const stand = await aStand();

    await stand.ask('/api/v1/pods');
    await stand.ask('/api/v1/pods?fairlead=live&limit=1');
    await stand.ask(podsOf('a'), { method: 'POST' });
    await stand.ask(`${podsOf('a')}&x`, { upgrade: 'websocket' });
    await stand.ask('/fairlead/cache/apis');

    expect(stand.live.map(({ method, target }) => `${method} ${target}`)).toEqual([
      'GET /api/v1/pods',
      'GET /api/v1/pods?limit=1',
      'POST /api/v1/namespaces/a/pods',
      'GET /api/v1/namespaces/a/pods?x',
      'GET /apis',
    ]);
    expect(stand.observed).toEqual([]);
  });

  it('lets nothing through that looks like a read only because of the path that it came by', async () => {
    const stand = await aStand();
    const proxied = '/fairlead/cache/api/v1/namespaces/a/services/s/proxy/x';

    expect((await stand.ask(proxied)).status).toBe(404);
    expect((await stand.ask(proxied, { method: 'HEAD' })).status).toBe(404);
    expect((await stand.ask(proxied, { method: 'OPTIONS' })).status).toBe(405);
    expect((await stand.ask(proxied.replace('cache', 'live'))).status).toBe(200);

    expect(stand.live.map(({ target }) => target)).toEqual([proxied.replace('cache', 'live')]);
  });

  describe('get', () => {
    it('gives the object byte for byte', async () => {
      const stand = await aStand();
      const object = Buffer.from(
        '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"big","namespace":"a","x":9007199254740993}}',
      );
      await stand.commit({ put: [object] });

      const response = await stand.ask('/api/v1/namespaces/a/pods/big?fairlead=cache');

      expect(response).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.headers['fairlead-as-of']).toBe('2023-11-14T22:13:20.000Z');
      expect(await textOf(response)).toBe(object.toString());
      expect(stand.observed).toEqual([{ verb: 'get', status: 200 }]);
      expect(stand.live).toEqual([]);
    });

    it('says as the API server does that there is none', async () => {
      const stand = await aStand();

      const response = await stand.ask('/fairlead/cache/api/v1/namespaces/a/pods/none');

      expect(response.status).toBe(404);
      expect(await jsonOf(response)).toMatchObject({ message: 'pods "none" not found' });
      expect(stand.observed).toEqual([{ verb: 'get', status: 404 }]);
    });
  });

  describe('list', () => {
    it('is an envelope around the objects, in the version that its feed has committed', async () => {
      const stand = await aStand();

      const list = await jsonOf<List>(await stand.ask(podsOf('a')));

      expect(list).toMatchObject({ kind: 'PodList', apiVersion: 'v1' });
      expect(list.metadata).toEqual({ resourceVersion: '120' });
      expect(namesOf(list)).toEqual(['x', 'y', 'z']);
    });

    it.each([
      [`${pods}&labelSelector=app%3Dweb`, ['x', 'y', 'x']],
      [`${pods}&fieldSelector=spec.nodeName%3Dn2`, ['x']],
      [`${pods}&fieldSelector=metadata.name%3Dx`, ['x', 'x']],
      [`${pods}&fieldSelector=metadata.name%3Dx,metadata.namespace%3Db`, ['x']],
      [`${podsOf('a')}&fieldSelector=metadata.name%3Dz`, ['z']],
      [podsOf('none'), []],
    ])('of %s has %j', async (target, names) => {
      const stand = await aStand();

      expect(namesOf(await jsonOf<List>(await stand.ask(target)))).toEqual(names);
    });

    it('is of no objects while there are none', async () => {
      const stand = new ReadStand();

      const list = await jsonOf<List>(await stand.ask(pods));

      expect(list).toMatchObject({ items: [], metadata: { resourceVersion: '100' } });
    });

    it('goes on from page to page as of the first, whatever changes meanwhile', async () => {
      const stand = await aStand();
      const before = await jsonOf<List>(await stand.ask(pods));
      const first = await jsonOf<List>(await stand.ask(`${pods}&limit=1`));
      await stand.commit({
        put: [aPodObject('y', 130), aPodObject('w', 131), aPodObject('zz', 132)],
        gone: [['z', 133]],
        checkpoint: 133,
      });

      const pages = [first];
      for (let token = first.metadata.continue; token !== undefined;) {
        const page = await jsonOf<List>(await stand.ask(`${pods}&limit=1&continue=${token}`));
        pages.push(page);
        token = page.metadata.continue;
      }

      expect(pages).toHaveLength(4);
      expect(new Set(pages.map(({ metadata }) => metadata.resourceVersion))).toEqual(
        new Set(['120']),
      );
      expect(pages.flatMap(({ items }) => items)).toEqual(before.items);
    });

    it('says 410 when the beginning cannot be told any more', async () => {
      const stand = await aStand();
      const { metadata } = await jsonOf<List>(await stand.ask(`${pods}&limit=1`));
      const again = `${pods}&limit=1&continue=${String(metadata.continue)}`;
      stand.standing = { served: 'here', epoch: 8 };

      const response = await stand.ask(again);

      expect(response.status).toBe(410);
      expect(await jsonOf(response)).toMatchObject({ reason: 'Expired' });
      expect((await stand.ask(`${pods}&limit=1&continue=nonsense`)).status).toBe(400);
    });

    it('says 410 when more has changed than is remembered', async () => {
      const stand = new ReadStand({ totalBytes: 1e9, perKindBytes: 6000 });
      const many = Array.from({ length: 20 }, (_, at) => aPodObject(`x${at}`, at));
      await stand.commit({ put: many, checkpoint: 120 });
      const { metadata } = await jsonOf<List>(await stand.ask(`${pods}&limit=1`));
      for (let at = 0; at < 40; at += 1) {
        await stand.commit({ put: [aPodObject('x1', 200 + at)], checkpoint: 200 + at });
      }

      const response = await stand.ask(`${pods}&limit=1&continue=${String(metadata.continue)}`);

      expect(response.status).toBe(410);
    });

    it('takes in what is being committed while it reads, or takes it back', async () => {
      const stand = await aStand();
      await stand.ask(pods);
      const unit = { put: [aPodObject('y', 130)], gone: [['x', 131] as const], checkpoint: 131 };
      const { end } = await stand.beginCommit(unit);

      const listed = stand.ask(podsOf('a'));
      await settled();
      end();

      const list = await jsonOf<List>(await listed);
      expect(list.metadata.resourceVersion).toBe('120');
      expect(list.items.map(({ metadata }) => metadata.resourceVersion)).toEqual([
        '10',
        '11',
        '12',
      ]);
    });

    it('waits for a version that the client knows, and says so when it does not come', async () => {
      const stand = await aStand();
      const newer = `${pods}&resourceVersion=150`;

      const waiting = stand.ask(newer);
      await settled();
      await stand.commit({ checkpoint: 150 });
      expect((await jsonOf<List>(await waiting)).metadata.resourceVersion).toBe('150');

      const late = stand.ask(`${pods}&resourceVersion=151`);
      await settled();
      await stand.clock.advance(3000);
      expect(await late).toMatchObject({ status: 504, headers: { 'retry-after': '1' } });
    });

    it('gives an exact version only if it is that one', async () => {
      const stand = await aStand();
      const exact = `${pods}&resourceVersionMatch=Exact&resourceVersion=`;

      expect((await stand.ask(`${exact}120`)).status).toBe(200);
      expect((await stand.ask(`${exact}110`)).status).toBe(410);
    });

    it('is given of an account that nobody feeds, as it was last known', async () => {
      const stand = await aStand();
      stand.isFed = false;

      const first = await jsonOf<List>(await stand.ask(`${pods}&limit=3`));
      const token = String(first.metadata.continue);
      const second = await jsonOf<List>(await stand.ask(`${pods}&limit=3&continue=${token}`));

      expect([...namesOf(first), ...namesOf(second)]).toEqual(['x', 'y', 'z', 'x']);
      expect(first.metadata.resourceVersion).toBe('120');
    });

    it('warns that only some namespaces are there', async () => {
      const stand = await aStand();
      stand.setFeed({ b: 150, a: 130 });

      const response = await stand.ask(pods);

      expect(response.headers.warning).toContain('cached: a b');
      expect((await jsonOf<List>(response)).metadata.resourceVersion).toBe('130');
      expect((await jsonOf<List>(await stand.ask(podsOf('b')))).metadata.resourceVersion).toBe(
        '150',
      );
      expect((await stand.ask(podsOf('c'))).status).toBe(404);
    });
  });

  describe('is refused', () => {
    it.each([
      ['/apis/apps/v1/deployments?fairlead=cache', 404, /deployments.apps of prod is not cached/],
      ['/api/v2/pods?fairlead=cache', 404, /they are in v1/],
      ['/api/v1/namespaces/a/pods/x/log?fairlead=cache', 404, /pods\/log/],
      ['/healthz?fairlead=cache', 404, /nothing at this path/],
      ['/api/v1/pods?fairlead=perhaps', 400, /"cache" or "live"/],
      [`${pods}&labelSelector=a%3Db%3Dc`, 400, /labelSelector/],
      [`${pods}&fieldSelector=spec.x%3D1`, 400, /not a field that the cache selects/],
      [`${pods}&limit=x`, 400, /limit/],
      ['/api/v1/pods/x?fairlead=cache', 404, /in a namespace/],
    ])('%s with %i', async (target, status, message) => {
      const stand = await aStand();

      const response = await stand.ask(target);

      expect(response.status).toBe(status);
      expect(await jsonOf(response)).toMatchObject({
        ...{ kind: 'Status', code: status, message: expect.stringMatching(message) },
      });
      expect(stand.live).toEqual([]);
    });

    it('in another’s name, whose rights the cache does not know', async () => {
      const stand = await aStand();

      const response = await stand.ask(pods, { headers: { 'impersonate-user': 'jane' } });

      expect(response.status).toBe(403);
    });

    it('in a form that it is not in', async () => {
      const stand = await aStand();
      const headers = { accept: 'application/vnd.kubernetes.protobuf' };

      expect((await stand.ask(pods, { headers })).status).toBe(406);
    });

    it('while the first list is not complete', async () => {
      const stand = new ReadStand();
      stand.setFeed({ '': '' });

      expect(await stand.ask(pods)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    });

    it('when the database does not answer', async () => {
      const stand = await aStand();
      const { end } = await stand.beginCommit({});
      const answer = stand.ask(pods);
      await settled();

      await stand.clock.advance(30_000);

      expect(await answer).toMatchObject({ status: 503 });
      end();
    });
  });

  describe('of an account that another bridge feeds', () => {
    it('is asked of that bridge', async () => {
      const stand = await aStand();
      const asked: ApiRequest[] = [];
      stand.standing = { served: 'elsewhere', epoch: 9 };
      stand.elsewhere = (request) => {
        asked.push(request);
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('elsewhere') });
      };

      expect(await textOf(await stand.ask('/fairlead/cache/api/v1/pods'))).toBe('elsewhere');
      expect(asked).toMatchObject([
        { target: '/api/v1/pods', headers: { 'fairlead-read': 'cache' } },
      ]);
    });

    it('is refused when there is no way to it', async () => {
      const stand = await aStand();
      stand.standing = { served: 'elsewhere', epoch: 9 };

      expect((await stand.ask(pods)).status).toBe(503);
      expect(stand.live).toEqual([]);
    });
  });
});
