// What clients rely on in an API server, written once and held against the simulator and against
// the real kube-apiserver: what holds on only one of them is a bug of the simulator (or stands in
// the README as a difference).
import { gunzipSync } from 'node:zlib';
import { type JsonObject, textAt } from '../src/json-value.ts';
import { type Answer, type ApiUnderTest, type TestRequest } from './api-under-test.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.contract.example.com' },
  spec: {
    group: 'contract.example.com',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

/** Accept headers for metadata alone: `${metadata}${inMeta}`, or of lists `${metadata}List${inMeta}`. */
const metadata = 'application/json;as=PartialObjectMetadata';
const inMeta = ';g=meta.k8s.io;v=v1';

function aConfigMap(name: string, more: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data: { a: '1' } };
}

/** Declares the contract's tests for one server. */
export function describeApiServer(name: string, acquire: () => Promise<ApiUnderTest>): void {
  describe(name, () => {
    let api: ApiUnderTest;
    let count = 0;
    let namespace = '';
    let maps = '';

    beforeAll(async () => {
      api = await acquire();
    }, 1_800_000);

    afterAll(() => api.close());

    beforeEach(async () => {
      namespace = `contract-${process.pid}-${++count}`;
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
      await post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      });
    });

    const post = (path: string, body: unknown, more: TestRequest = {}): Promise<Answer> =>
      api.send(path, { method: 'POST', body, ...more });
    const metadataOf = (answer: Answer | JsonObject): JsonObject =>
      ('json' in answer ? (answer as Answer).json.metadata : answer.metadata) as JsonObject;
    const versionOf = (answer: Answer): string => textAt(metadataOf(answer), 'resourceVersion');
    const tokenOf = (answer: Answer): string => textAt(metadataOf(answer), 'continue');
    const namesIn = (answer: Answer): unknown[] =>
      (answer.json.items as JsonObject[]).map((item) => metadataOf(item).name);

    describe('discovery', () => {
      it('names core types in one aggregated document', async () => {
        const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

        const { json } = await api.send('/api', { accept });

        expect(json).toMatchObject({
          kind: 'APIGroupDiscoveryList',
          apiVersion: 'apidiscovery.k8s.io/v2',
        });
        const core = (json.items as { versions: { resources: JsonObject[] }[] }[])[0];
        expect(core?.versions[0]?.resources).toContainEqual(
          expect.objectContaining({
            resource: 'configmaps',
            responseKind: expect.objectContaining({ kind: 'ConfigMap' }),
            scope: 'Namespaced',
            singularResource: 'configmap',
            shortNames: ['cm'],
          }),
        );
      });

      it('names types group by group in plain form', async () => {
        const groups = await api.send('/apis');
        const apps = await api.send('/apis/apps/v1');

        expect(groups.json.kind).toBe('APIGroupList');
        expect(apps.json.resources).toContainEqual(
          expect.objectContaining({ name: 'deployments', namespaced: true, kind: 'Deployment' }),
        );
      });

      it('answers plain text for a type that is not served', async () => {
        const answer = await api.send('/apis/nobody.example.com/v1/things');

        expect(answer).toMatchObject({ status: 404, text: '404 page not found\n' });
      });
    });

    describe('objects', () => {
      it('gives a created object a uid, a version and a time', async () => {
        const answer = await post(maps, aConfigMap('one'));

        expect(answer.status).toBe(201);
        expect(answer.text).toMatch(
          /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"one"/,
        );
        expect(metadataOf(answer)).toMatchObject({
          namespace,
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        });
      });

      it('makes up a name from generateName', async () => {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } };

        const answer = await post(maps, object);

        expect(metadataOf(answer).name).toMatch(/^gen-[a-z0-9]{5}$/);
      });

      it('refuses a second one of the name', async () => {
        await post(maps, aConfigMap('one'));

        const answer = await post(maps, aConfigMap('one'));

        expect(answer.status).toBe(409);
        expect(answer.json).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'configmaps "one" already exists',
          reason: 'AlreadyExists',
          details: { name: 'one', kind: 'configmaps' },
          code: 409,
        });
      });

      it('refuses one in a namespace that is not there', async () => {
        const answer = await post('/api/v1/namespaces/nowhere/configmaps', aConfigMap('one'));

        expect(answer.status).toBe(404);
        expect(answer.json).toMatchObject({
          message: 'namespaces "nowhere" not found',
          reason: 'NotFound',
        });
      });

      it('refuses an invalid name', async () => {
        const answer = await post(maps, aConfigMap('Not_A_Name'));

        expect(answer.status).toBe(422);
        expect(answer.json).toMatchObject({ reason: 'Invalid', code: 422 });
      });

      it('says what is missing', async () => {
        const answer = await api.send(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);

        expect(answer.json).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'deployments.apps "web" not found',
          reason: 'NotFound',
          details: { name: 'web', group: 'apps', kind: 'deployments' },
          code: 404,
        });
      });

      it('refuses an update made from an old version', async () => {
        const created = await post(maps, aConfigMap('one'));
        const stale = { ...created.json, data: { a: '2' } };
        await api.send(`${maps}/one`, { method: 'PUT', body: stale });

        const answer = await api.send(`${maps}/one`, {
          method: 'PUT',
          body: { ...stale, data: { a: '3' } },
        });

        expect(answer.status).toBe(409);
        expect(answer.json).toMatchObject({
          reason: 'Conflict',
          message:
            'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
        });
      });

      it('keeps the version when an update changes nothing', async () => {
        const created = await post(maps, aConfigMap('one'));

        const answer = await api.send(`${maps}/one`, { method: 'PUT', body: created.json });

        expect(versionOf(answer)).toBe(versionOf(created));
      });

      it('changes nothing in a dry run', async () => {
        const answer = await post(maps, aConfigMap('one'), { query: { dryRun: 'All' } });

        expect(answer.status).toBe(201);
        expect((await api.send(`${maps}/one`)).status).toBe(404);
      });

      it('answers a delete with what was deleted', async () => {
        const created = await post(maps, aConfigMap('one'));

        const answer = await api.send(`${maps}/one`, { method: 'DELETE' });

        expect(answer.json).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Success',
          details: { name: 'one', kind: 'configmaps', uid: metadataOf(created).uid },
        });
        expect((await api.send(`${maps}/one`)).status).toBe(404);
      });

      it('holds an object that has a finalizer until it has none', async () => {
        await post(maps, aConfigMap('one', { finalizers: ['example.com/hold'] }));

        const deleted = await api.send(`${maps}/one`, { method: 'DELETE' });
        const held = await api.send(`${maps}/one`);
        await api.send(`${maps}/one`, {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          body: { metadata: { finalizers: null } },
        });

        expect(metadataOf(deleted).deletionTimestamp).toBeDefined();
        expect(metadataOf(held).deletionTimestamp).toBeDefined();
        expect((await api.send(`${maps}/one`)).status).toBe(404);
      });

      it('deletes only the version or uid that is asked for', async () => {
        await post(maps, aConfigMap('one'));

        const answer = await api.send(`${maps}/one`, {
          method: 'DELETE',
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
          },
        });

        expect(answer.json).toMatchObject({ code: 409, reason: 'Conflict' });
      });

      it('deletes a collection by label', async () => {
        await post(maps, aConfigMap('one', { labels: { group: 'x' } }));
        await post(maps, aConfigMap('two'));

        await api.send(maps, { method: 'DELETE', query: { labelSelector: 'group=x' } });

        const left = namesIn(await api.send(maps));
        expect(left.filter((left) => left !== 'kube-root-ca.crt')).toEqual(['two']);
      });

      it('encodes the stringData of a Secret into its data', async () => {
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        const secret = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's' },
          stringData: { a: 'b' },
        };

        const answer = await post(path, secret);

        expect(answer.json).toMatchObject({ data: { a: 'Yg==' }, type: 'Opaque' });
        expect(answer.json.stringData).toBeUndefined();
      });
    });

    describe('patches', () => {
      const send = (path: string, form: string, body: unknown): Promise<Answer> =>
        api.send(path, { method: 'PATCH', contentType: `application/${form}`, body });

      it('merges, and removes what is null', async () => {
        await post(maps, aConfigMap('one'));

        const answer = await send(`${maps}/one`, 'merge-patch+json', { data: { a: null, b: '2' } });

        expect(answer.json.data).toEqual({ b: '2' });
      });

      it('follows JSON patch operations', async () => {
        await post(maps, aConfigMap('one'));

        const answer = await send(`${maps}/one`, 'json-patch+json', [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'move', from: '/data/a', path: '/data/b' },
          { op: 'add', path: '/metadata/annotations', value: {} },
          { op: 'add', path: '/metadata/annotations/example.com~1x', value: 'y' },
        ]);

        expect(answer.json.data).toEqual({ b: '1' });
        expect(metadataOf(answer).annotations).toEqual({ 'example.com/x': 'y' });
      });

      it('refuses a JSON patch whose test fails', async () => {
        await post(maps, aConfigMap('one'));

        const answer = await send(`${maps}/one`, 'json-patch+json', [
          { op: 'test', path: '/data/a', value: 'other' },
        ]);

        expect(answer.status).toBe(422);
      });

      it('merges containers by name in a strategic merge', async () => {
        const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
        const labels = { app: 'web' };
        const containers = [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:1' },
        ];
        await post(path, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers } },
          },
        });

        const answer = await send(`${path}/web`, 'strategic-merge-patch+json', {
          spec: { template: { spec: { containers: [{ name: 'b', image: 'b:2' }] } } },
        });

        expect(answer.json).toMatchObject({
          metadata: { generation: 2 },
          spec: { template: { spec: { containers: [{ image: 'a:1' }, { image: 'b:2' }] } } },
        });
      });

      it('creates by apply, and drops what the same manager no longer applies', async () => {
        const apply = (data: unknown): Promise<Answer> =>
          api.send(`${maps}/applied`, {
            method: 'PATCH',
            contentType: 'application/apply-patch+yaml',
            query: { fieldManager: 'tester' },
            body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data },
          });

        const first = await apply({ a: '1', b: '1' });
        const second = await apply({ b: '2' });

        expect(first.status).toBe(201);
        expect(second.status).toBe(200);
        expect(second.json.data).toEqual({ b: '2' });
        expect(metadataOf(second).managedFields).toEqual([
          expect.objectContaining({ manager: 'tester', operation: 'Apply' }),
        ]);
      });

      it('does not patch what is not there', async () => {
        const answer = await send(`${maps}/none`, 'merge-patch+json', {});

        expect(answer.json).toMatchObject({ code: 404, reason: 'NotFound' });
      });
    });

    describe('lists', () => {
      /** A selector leaves out what a real cluster puts into every namespace by itself. */
      const own = { labelSelector: 'contract=list' };
      const fill = async (names: readonly string[]): Promise<void> => {
        for (const each of names)
          await post(maps, aConfigMap(each, { labels: { contract: 'list' } }));
      };

      it('leaves kind and apiVersion out of the items of built-in types', async () => {
        await fill(['a']);

        const answer = await api.send(maps, { query: own });

        expect(answer.text).toMatch(
          /^\{"kind":"ConfigMapList","apiVersion":"v1","metadata":\{"resourceVersion":"\d+"\},"items":\[\{"metadata":\{"name":"a"/,
        );
        expect(answer.text.endsWith(']}\n')).toBe(true);
      });

      it('shows the same moment on every page', async () => {
        await fill(['a', 'c', 'e']);

        const first = await api.send(maps, { query: { ...own, limit: '2' } });
        await fill(['d']);
        await api.send(`${maps}/e`, { method: 'DELETE' });
        const token = tokenOf(first);
        const second = await api.send(maps, { query: { ...own, limit: '2', continue: token } });

        expect(namesIn(first)).toEqual(['a', 'c']);
        expect(namesIn(second)).toEqual(['e']);
        expect(versionOf(second)).toBe(versionOf(first));
        expect(metadataOf(second).continue).toBeUndefined();
      });

      it('says how many are left', async () => {
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        for (const each of ['a', 'b', 'c']) {
          await post(path, { apiVersion: 'v1', kind: 'Secret', metadata: { name: each } });
        }

        const answer = await api.send(path, { query: { limit: '1' } });

        expect(metadataOf(answer).remainingItemCount).toBe(2);
      });

      it('ignores the limit when any version will do', async () => {
        await fill(['a', 'b', 'c']);

        const answer = await api.send(maps, {
          query: { ...own, limit: '1', resourceVersion: '0' },
        });

        expect(namesIn(answer)).toEqual(['a', 'b', 'c']);
        expect(metadataOf(answer).continue).toBeUndefined();
      });

      it('shows an exact earlier moment', async () => {
        await fill(['a']);
        const { json } = await api.send(maps, { query: own });
        await fill(['b']);

        const answer = await api.send(maps, {
          query: {
            ...own,
            resourceVersion: textAt(metadataOf(json), 'resourceVersion'),
            resourceVersionMatch: 'Exact',
          },
        });

        expect(namesIn(answer)).toEqual(['a']);
      });

      it('refuses a version that is still to come', async () => {
        const query = { resourceVersion: '999999999', resourceVersionMatch: 'NotOlderThan' };

        const answer = await api.send(maps, { query });

        expect(answer.json).toMatchObject({
          code: 504,
          reason: 'Timeout',
          message: expect.stringMatching(
            /^Timeout: Too large resource version: 999999999, current: \d+$/,
          ),
          details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
        });
      }, 20_000);

      it('refuses a match without a version', async () => {
        const answer = await api.send(maps, { query: { resourceVersionMatch: 'Exact' } });

        expect(answer.status).toBe(422);
        expect(answer.json.message).toContain(
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        );
      });

      it('refuses a token that is none', async () => {
        const answer = await api.send(maps, { query: { limit: '1', continue: 'nonsense' } });

        expect(answer.json).toMatchObject({ code: 400, reason: 'BadRequest' });
      });

      it.each([
        ['color=red', ['a']],
        ['color!=red', ['b', 'c']],
        ['color in (red,blue)', ['a', 'b']],
        ['color notin (red)', ['b', 'c']],
        ['color', ['a', 'b']],
        ['!color', ['c']],
        ['color in (red,blue),color!=blue', ['a']],
      ])('selects by label: %s', async (labelSelector, names) => {
        await post(maps, aConfigMap('a', { labels: { color: 'red', contract: 'list' } }));
        await post(maps, aConfigMap('b', { labels: { color: 'blue', contract: 'list' } }));
        await fill(['c']);

        const query = { labelSelector: `${labelSelector},contract=list` };

        expect(namesIn(await api.send(maps, { query }))).toEqual(names);
      });

      it('selects by field, and refuses fields it does not know', async () => {
        await fill(['a', 'b']);

        const one = await api.send(maps, { query: { fieldSelector: 'metadata.name=b' } });
        const none = await api.send(maps, { query: { fieldSelector: 'data.a=1' } });
        const pods = await api.send('/api/v1/pods', { query: { fieldSelector: 'spec.x=1' } });

        expect(namesIn(one)).toEqual(['b']);
        expect(none.json).toMatchObject({
          code: 400,
          message:
            '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
        });
        expect(pods.json).toMatchObject({ message: 'field label not supported: spec.x' });
      });

      it('selects events by the object they are about', async () => {
        const path = `/api/v1/namespaces/${namespace}/events`;
        for (const about of ['x', 'y']) {
          await post(path, {
            apiVersion: 'v1',
            kind: 'Event',
            metadata: { name: `event-${about}` },
            involvedObject: { kind: 'Pod', name: about, namespace },
          });
        }

        const query = { fieldSelector: 'involvedObject.name=y,involvedObject.kind=Pod' };

        expect(namesIn(await api.send(path, { query }))).toEqual(['event-y']);
      });

      it('gives metadata alone', async () => {
        await fill(['a']);
        const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

        const { json } = await api.send(maps, { accept, query: own });

        expect(json).toMatchObject({
          kind: 'PartialObjectMetadataList',
          apiVersion: 'meta.k8s.io/v1',
          items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
        });
        expect((json.items as JsonObject[])[0]?.data).toBeUndefined();
      });

      it('gives metadata alone in the order of the real server', async () => {
        await fill(['a']);

        const list = await api.send(maps, { accept: `${metadata}List${inMeta}`, query: own });
        const one = await api.send(`${maps}/a`, { accept: `${metadata}${inMeta}` });

        expect(list.text).toMatch(
          /^\{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io\/v1","metadata":\{"resourceVersion":"\d+"\},"items":\[\{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io\/v1","metadata":\{"name":"a","namespace":/,
        );
        expect(list.text.endsWith('}}]}\n')).toBe(true);
        expect(one.text).toMatch(
          /^\{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io\/v1","metadata":\{"name":"a","namespace":/,
        );
        expect(one.json.data).toBeUndefined();
      });

      it.each([
        ['the metadata of one object, of a list', '', `${metadata}${inMeta}`],
        ['the metadata of a list, of one object', '/a', `${metadata}List${inMeta}`],
        ['a form that is not known', '', `application/json;as=Nonsense${inMeta}`],
        ['an unknown version of a form', '', `${metadata}List;g=meta.k8s.io;v=v9`],
        ['a form of an unknown group', '', `${metadata}List;g=other;v=v1`],
        ['a media type that is not served', '', 'application/xml'],
        ['the wrong form, with another after it', '', `${metadata}${inMeta},application/json`],
      ])('refuses %s', async (_what, path, accept) => {
        await fill(['a']);

        const answer = await api.send(`${maps}${path}`, { accept });

        expect(answer.status).toBe(406);
        expect(answer.json).toMatchObject({ code: 406, reason: 'NotAcceptable' });
      });

      it('takes the first form that it knows', async () => {
        const accept = `application/xml,application/json;as=Nonsense${inMeta},application/json`;

        expect((await api.send(maps, { accept })).json.kind).toBe('ConfigMapList');
      });

      it('gives a table', async () => {
        await fill(['a']);
        const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';

        const { json } = await api.send(maps, { accept, query: own });

        expect(json.kind).toBe('Table');
        expect((json.columnDefinitions as JsonObject[]).map((column) => column.name)).toEqual([
          'Name',
          'Data',
          'Age',
        ]);
        const [row] = json.rows as { cells: unknown[]; object: JsonObject }[];
        expect(row?.cells).toEqual(['a', 1, expect.stringMatching(/^\d+s$/)]);
        expect(row?.object).toMatchObject({ kind: 'PartialObjectMetadata' });
      });
    });

    describe('gzip', () => {
      /** Creates a ConfigMap whose answer has so many bytes. */
      const createOfBytes = async (bytes: number): Promise<string> => {
        const path = `${maps}/big`;
        const lengthWith = async (filling: string): Promise<number> => {
          await api.send(path, { method: 'DELETE' });
          await post(maps, { ...aConfigMap('big'), data: { a: filling } });
          return (await api.fetchBytes(path, {})).bytes.length;
        };
        const without = await lengthWith('');
        expect(await lengthWith('x'.repeat(bytes - without))).toBe(bytes);
        return path;
      };

      it('packs what is longer than 128 KiB', async () => {
        const path = await createOfBytes(128 * 1024 + 1);

        const plain = await api.fetchBytes(path, { 'accept-encoding': 'identity' });
        const packed = await api.fetchBytes(path, { 'accept-encoding': 'deflate, gzip' });

        expect(plain.headers['content-encoding']).toBeUndefined();
        expect(packed.headers).toMatchObject({
          'content-encoding': 'gzip',
          'content-type': 'application/json',
          vary: 'Accept-Encoding',
        });
        expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
      });

      it('leaves what is just so long', async () => {
        const path = await createOfBytes(128 * 1024);

        const { headers } = await api.fetchBytes(path, { 'accept-encoding': 'gzip' });

        expect(headers['content-encoding']).toBeUndefined();
      });

      it('knows no weights', async () => {
        const path = await createOfBytes(128 * 1024 + 1);

        const { headers } = await api.fetchBytes(path, { 'accept-encoding': 'gzip;q=1.0' });

        expect(headers['content-encoding']).toBeUndefined();
      });

      it('packs lists, and no watches', async () => {
        await createOfBytes(128 * 1024 + 1);
        const encoding = { 'accept-encoding': 'gzip' };

        const list = await api.fetchBytes(maps, encoding);
        const watch = await api.fetchBytes(maps, encoding, { watch: 'true', timeoutSeconds: '1' });

        expect(list.headers['content-encoding']).toBe('gzip');
        expect(watch.headers['content-encoding']).toBeUndefined();
        expect(watch.bytes.length).toBeGreaterThan(128 * 1024);
      });
    });

    describe('watches', () => {
      const own = { labelSelector: 'contract=watch' };
      const labels = { contract: 'watch' };
      const streaming = {
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: 'true',
      };

      it('tell every change since a version, kind first, the end under a version of its own', async () => {
        const { json } = await api.send(maps);
        const created = await post(maps, aConfigMap('one', { labels }));
        await api.send(`${maps}/one`, {
          method: 'PUT',
          body: { ...created.json, data: { a: '2' } },
        });
        const changed = await api.send(`${maps}/one`);
        await api.send(`${maps}/one`, { method: 'DELETE' });

        const lines = await api.watch(
          maps,
          { ...own, resourceVersion: textAt(metadataOf(json), 'resourceVersion') },
          (seen) => seen.length === 3,
        );

        expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
        expect(lines[0]?.text).toMatch(
          /^\{"type":"ADDED","object":\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"one"/,
        );
        expect(lines[2]?.object).toMatchObject({ data: { a: '2' } });
        const end = Number(lines[2]?.object.metadata.resourceVersion);
        expect(end).toBeGreaterThan(Number(versionOf(changed)));
      });

      it('start with what is there when no version is given', async () => {
        await post(maps, aConfigMap('one', { labels }));

        const lines = await api.watch(
          maps,
          own,
          (seen) => seen.length === 2,
          () => post(maps, aConfigMap('two', { labels })),
        );

        expect(lines.map(({ type, object }) => [type, object.metadata.name])).toEqual([
          ['ADDED', 'one'],
          ['ADDED', 'two'],
        ]);
      });

      it('tell the end of the list when it is streamed', async () => {
        await post(maps, aConfigMap('one', { labels }));

        const lines = await api.watch(
          maps,
          { ...own, ...streaming },
          (seen) => seen.at(-1)?.type === 'BOOKMARK',
        );

        expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
        expect(lines[1]?.object).toMatchObject({
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
        });
        const end = Number(lines[1]?.object.metadata.resourceVersion);
        expect(end).toBeGreaterThanOrEqual(Number(lines[0]?.object.metadata.resourceVersion));
      });

      it('give metadata alone, bookmarks too', async () => {
        await post(maps, aConfigMap('one', { labels }));

        const lines = await api.watch(
          maps,
          { ...own, ...streaming, accept: `${metadata}${inMeta}` },
          (seen) => seen.at(-1)?.type === 'BOOKMARK',
        );

        expect(lines[0]?.text).toMatch(
          /^\{"type":"ADDED","object":\{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io\/v1","metadata":\{"name":"one"/,
        );
        expect(lines[0]?.object.data).toBeUndefined();
        expect(lines[1]?.text).toMatch(
          /^\{"type":"BOOKMARK","object":\{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io\/v1","metadata":\{"resourceVersion":"\d+","annotations":\{"k8s.io\/initial-events-end":"true"\}\}\}\}$/,
        );
      });

      it('end without a word when the metadata of a list is asked of them', async () => {
        await post(maps, aConfigMap('one', { labels }));

        const lines = await api.watch(
          maps,
          { ...own, accept: `${metadata}List${inMeta}` },
          () => false,
        );

        expect(lines).toEqual([]);
      });

      it('are silent from a version that is still to come', async () => {
        const lines = await api.watch(
          maps,
          { ...own, resourceVersion: '999999999', timeoutSeconds: '2' },
          () => false,
          () => post(maps, aConfigMap('one', { labels })),
        );

        expect(lines).toEqual([]);
      });

      it('refuse in an event to stream a list of a version that is still to come', async () => {
        const lines = await api.watch(
          maps,
          { ...own, ...streaming, resourceVersion: '999999999' },
          (seen) => seen.length === 1,
        );

        expect(lines).toMatchObject([
          {
            type: 'ERROR',
            object: {
              code: 504,
              reason: 'Timeout',
              message: expect.stringMatching(
                /^Timeout: Too large resource version: 999999999, current: \d+$/,
              ),
              details: {
                causes: [
                  { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
                ],
                retryAfterSeconds: 1,
              },
            },
          },
        ]);
      }, 20_000);

      it('refuse to stream a list without a match', async () => {
        const answer = await api.send(maps, {
          query: { watch: 'true', sendInitialEvents: 'true' },
        });

        expect(answer.status).toBe(422);
        expect(answer.json.message).toContain(
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        );
      });

      it('tell of objects that come into the selection and leave it', async () => {
        const { json } = await api.send(maps);
        await post(maps, aConfigMap('one'));
        const label = (value: string | null): Promise<Answer> =>
          api.send(`${maps}/one`, {
            method: 'PATCH',
            contentType: 'application/merge-patch+json',
            body: { metadata: { labels: { contract: value } } },
          });
        await label('watch');
        await label(null);

        const lines = await api.watch(
          maps,
          { ...own, resourceVersion: textAt(metadataOf(json), 'resourceVersion') },
          (seen) => seen.length === 2,
        );

        expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
      });

      it('end after the time asked for', async () => {
        const lines = await api.watch(maps, { ...own, timeoutSeconds: '1' }, () => false);

        expect(lines).toEqual([]);
      });
    });

    describe('custom resources', () => {
      const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      const own = `${definitions}/${definition.metadata.name}`;

      const established = async (): Promise<boolean> => {
        const { json } = await api.send(own);
        const conditions = (json.status as { conditions?: JsonObject[] } | undefined)?.conditions;
        return conditions?.some((c) => c.type === 'Established' && c.status === 'True') === true;
      };
      const until = async (isDone: () => Promise<boolean>): Promise<void> => {
        while (!(await isDone())) await new Promise((resolve) => setImmediate(resolve));
      };

      it('are served from the definition to its end', async () => {
        const path = `/apis/contract.example.com/v1/namespaces/${namespace}/widgets`;
        const widget = {
          apiVersion: 'contract.example.com/v1',
          kind: 'Widget',
          metadata: { name: 'w' },
          spec: { size: 1 },
        };
        const before = await api.send(path);
        await post(definitions, definition);
        await until(established);
        await until(async () => (await api.send(path)).status === 200);

        const created = await post(path, widget);
        const list = await api.send(path);
        const lines = await api.watch(path, {}, (seen) => seen.length === 1);
        const discovery = await api.send('/apis/contract.example.com/v1');
        const unversioned = await api.send(`${path}/w`, { method: 'PUT', body: widget });
        const strategic = await api.send(`${path}/w`, {
          method: 'PATCH',
          contentType: 'application/strategic-merge-patch+json',
          body: { spec: { size: 2 } },
        });
        await api.send(own, { method: 'DELETE' });
        await until(async () => (await api.send(path)).status === 404);

        expect(before.status).toBe(404);
        expect(created.json).toMatchObject({ metadata: { generation: 1 } });
        expect(created.text).toMatch(/^\{"apiVersion":"contract.example.com\/v1","kind":"Widget",/);
        expect(list.text).toMatch(
          /^\{"apiVersion":"contract.example.com\/v1","items":\[\{"apiVersion":"contract.example.com\/v1","kind":"Widget",/,
        );
        expect(list.text).toMatch(
          /\],"kind":"WidgetList","metadata":\{"continue":"","resourceVersion":"\d+"\}\}\n$|\],"kind":"WidgetList","metadata":\{"resourceVersion":"\d+"\}\}\n$/,
        );
        expect(lines[0]?.text).toMatch(/^\{"type":"ADDED","object":\{"apiVersion":/);
        expect(discovery.json.resources).toContainEqual(
          expect.objectContaining({ name: 'widgets', kind: 'Widget' }),
        );
        expect(unversioned.json).toMatchObject({ code: 422, reason: 'Invalid' });
        expect(strategic.json).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
        expect((await api.send(own)).status).toBe(404);
      }, 30_000);
    });

    describe('when history has gone', () => {
      it('answers old pages and old watches with 410', async () => {
        for (const each of ['a', 'b', 'c']) await post(maps, aConfigMap(each));
        const first = await api.send(maps, { query: { limit: '1' } });
        const token = tokenOf(first);
        await post(maps, aConfigMap('d'));
        await api.forgetHistory();

        const page = await api.send(maps, { query: { limit: '1', continue: token } });
        const rest = await api.send(maps, {
          query: { continue: tokenOf(page) },
        });
        const lines = await api.watch(maps, { resourceVersion: '1' }, (seen) => seen.length === 1);

        expect(page.json).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
        expect(namesIn(rest)).toEqual(expect.arrayContaining(['b', 'c', 'd']));
        expect(lines[0]).toMatchObject({
          type: 'ERROR',
          object: { kind: 'Status', code: 410, reason: 'Expired' },
        });
        expect(lines[0]?.object.message).toMatch(/^too old resource version: 1 \(\d+\)$/);
      }, 60_000);
    });
  });
}
