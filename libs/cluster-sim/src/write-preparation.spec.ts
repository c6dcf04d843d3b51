import { builtinResources } from './builtin-resources.ts';
import { seededRandom } from './clock.ts';
import { type JsonObject } from './json-value.ts';
import { type ServedResource } from './served-resource.ts';
import { prepareCreate, prepareUpdate } from './write-preparation.ts';

function typeOf(kind: string): ServedResource {
  return builtinResources.find((type) => type.kind === kind)!;
}

const context = { namespace: 'n', now: '2026-01-01T00:00:00Z', random: seededRandom(1) };
const create = (kind: string, object: JsonObject): JsonObject =>
  prepareCreate(typeOf(kind), object, context);

describe(prepareCreate, () => {
  it('fills in what the server owns and drops what the client claims', () => {
    const object = create('ConfigMap', {
      metadata: { name: 'a', uid: 'mine', deletionTimestamp: 'now' },
    });

    expect(object.metadata).toMatchObject({
      name: 'a',
      namespace: 'n',
      creationTimestamp: context.now,
      deletionTimestamp: undefined,
    });
    expect(object.metadata).not.toMatchObject({ uid: 'mine' });
  });

  it('starts a Deployment at generation 1 with an empty status', () => {
    const object = create('Deployment', { metadata: { name: 'a' }, spec: {}, status: { x: 1 } });

    expect(object).toMatchObject({ metadata: { generation: 1 }, status: {} });
    expect(object.status).toEqual({});
  });

  it.each([
    ['no name', {}, 'Invalid'],
    ['an impossible name', { metadata: { name: 'a/b' } }, 'Invalid'],
    ['another namespace', { metadata: { name: 'a', namespace: 'other' } }, 'BadRequest'],
    ['a version', { metadata: { name: 'a', resourceVersion: '1' } }, 'BadRequest'],
    ['another kind', { kind: 'Pod', metadata: { name: 'a' } }, 'BadRequest'],
  ])('refuses an object with %s', (_what, object, reason) => {
    expect(() => create('ConfigMap', object)).toThrow(expect.objectContaining({ reason }) as Error);
  });

  it('lets roles have colons in their names', () => {
    const role = create('ClusterRole', { metadata: { name: 'system:node' } });

    expect(role.metadata).toMatchObject({ name: 'system:node' });
  });
});

describe(prepareUpdate, () => {
  const current = {
    metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '5', generation: 1 },
    spec: { replicas: 1 },
    status: { ready: 1 },
  };
  const update = (object: JsonObject, subresource = ''): JsonObject =>
    prepareUpdate(typeOf('Deployment'), object, current, subresource);

  it('counts changes of the specification only', () => {
    const labelled = update({ metadata: { labels: { a: 'b' } }, spec: { replicas: 1 } });
    const scaled = update({ metadata: {}, spec: { replicas: 2 } });

    expect(labelled.metadata).toMatchObject({ generation: 1, uid: 'u' });
    expect(scaled.metadata).toMatchObject({ generation: 2 });
  });

  it('keeps the status in an update, and everything else in an update of the status', () => {
    const object = { metadata: {}, spec: { replicas: 9 }, status: { ready: 9 } };

    expect(update(object)).toMatchObject({ spec: { replicas: 9 }, status: { ready: 1 } });
    expect(update(object, 'status')).toMatchObject({ spec: { replicas: 1 }, status: { ready: 9 } });
  });

  it.each([{ resourceVersion: '4' }, { uid: 'other' }])('refuses an update for %j', (metadata) => {
    expect(() => update({ metadata })).toThrow(
      expect.objectContaining({ reason: 'Conflict' }) as Error,
    );
  });
});
