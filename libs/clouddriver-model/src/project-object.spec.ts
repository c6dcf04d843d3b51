import { aPod, aReplicaSet, anObject, bytesOf, goldenObjects } from './testing/index.ts';
import { ModelError, type ModelErrorCode } from './model-error.ts';
import { createHash } from 'node:crypto';
import { ObjectProjector, projectObject } from './project-object.ts';
import { reverseRelationsOf } from './relations.ts';
import { readRowHead } from './row-head.ts';

const project = (object: object, all = false) =>
  projectObject(bytesOf(object), { account: 'acct', cacheAllApplicationRelationships: all });

describe(projectObject, () => {
  it('hashes the body as Clouddriver does', () => {
    const { body, bodyHash } = project(aPod());

    expect(bodyHash).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('makes a body that is JSON', () => {
    const { body } = project(aPod({ name: 'p"\\', annotations: { a: '"' } }));

    expect(() => JSON.parse(Buffer.from(body).toString()) as unknown).not.toThrow();
  });

  it.each(['web', 'p"\\\u00e9\ud800', 'web-v003'])(
    'prints the body of %j as one object is',
    (name) => {
      const object = bytesOf(aReplicaSet({ name, owners: ['Deployment/web'] }));
      const { id, body, head } = projectObject(object, { account: 'acct' });
      const { relations, moniker } = readRowHead(body);

      const whole = JSON.stringify({
        ...{ id, ttlSeconds: -1, relationships: relations },
        attributes: {
          ...{ kind: 'replicaSet', apiVersion: 'apps/v1', name, namespace: 'prod' },
          ...{ fullResourceName: `replicaSet ${name}`, moniker, manifest: {} },
        },
      });

      expect(Buffer.from(body).toString()).toBe(
        whole.replace('"manifest":{}', `"manifest":${Buffer.from(object).toString()}`),
      );
      expect(whole.startsWith(`${head},"attributes":`)).toBe(true);
    },
  );

  it('relates a pod to its application only when all kinds are', () => {
    expect(project(aPod()).logical).toEqual({});
    expect(project(aPod(), true).logical.application?.id).toBe(
      'kubernetes.v2:logical:applications:web',
    );
    expect(project(aPod(), true).logical.cluster).toBeUndefined();
  });

  it('relates a custom object to its application, and makes none for it', () => {
    const { relations, logical } = project(anObject('a.io/v1', 'A'), true);

    expect(relations.map(({ id }) => id)).toEqual(['kubernetes.v2:logical:applications:web']);
    expect(logical).toEqual({});
  });

  it('states no application without a name for one', () => {
    const annotations = { 'moniker.spinnaker.io/application': '' };

    expect(project(aReplicaSet({ annotations })).logical).toEqual({});
  });

  it('states an application without a cluster for a load balancer', () => {
    const { logical } = project(anObject('v1', 'Service'));

    expect(logical.application).toBeDefined();
    expect(logical.cluster).toBeUndefined();
  });

  it('gives the same relation the same row in every version of an object', () => {
    const uuids = (resourceVersion: string) =>
      project(aReplicaSet({ resourceVersion, owners: ['Deployment/web'] })).relations.map(
        (row) => row.uuid,
      );

    expect(uuids('1')).toEqual(uuids('2'));
    expect(new Set(uuids('1')).size).toBe(3);
  });

  it('gives the relations of two accounts rows of their own', () => {
    const object = bytesOf(aReplicaSet({ owners: ['Deployment/web'] }));
    const one = projectObject(object, { account: 'one' });
    const two = projectObject(object, { account: 'two' });

    const uuids = [...one.relations, ...two.relations].map((row) => row.uuid);

    expect(new Set(uuids).size).toBe(6);
  });

  it('lets its relation rows be found again from the stored body', () => {
    const row = project(aReplicaSet({ owners: ['Deployment/web'] }));
    const { relations } = readRowHead(row.body);

    expect(reverseRelationsOf({ ...row, relations })).toEqual(row.relations);
  });

  it.each([
    anObject('apps.kruise.io/v1beta1', 'StatefulSet', { spec: { serviceName: 'web' } }),
    anObject('example.com/v1', 'Ingress', { spec: { backend: { serviceName: 'web' } } }),
    { ...anObject('example.com/v1', 'Event'), involvedObject: aPod() },
  ])('relates a custom kind to nothing for the name that it shares with a native one', (object) => {
    expect(project(object).relations).toEqual([]);
  });

  it('says when an object asks not to be cached', () => {
    const annotations = { 'caching.spinnaker.io/ignore': 'true' };

    expect(project(aPod({ annotations })).ignored).toBe(true);
    expect(project(aPod()).ignored).toBe(false);
  });

  it.each<[string, ModelErrorCode, string]>([
    ['{"kind":"Pod"', 'invalidJson', ''],
    ['[]', 'invalidJson', ''],
    ['null', 'invalidJson', ''],
    ['{"apiVersion":"v1","metadata":{"name":"n"}}', 'missingField', 'kind'],
    ['{"kind":"Pod","metadata":{"name":"n"}}', 'missingField', 'apiVersion'],
    ['{"kind":"Pod","apiVersion":"v1"}', 'missingField', 'metadata.name'],
    ['{"kind":"Pod","apiVersion":"v1","metadata":{"name":7}}', 'missingField', 'metadata.name'],
  ])('refuses %s', (text, code, field) => {
    const refused = () => projectObject(Buffer.from(text), { account: 'acct' });

    expect(refused).toThrow(new ModelError(code, { field }));
  });

  it('refuses bytes that are not UTF-8, since no database would keep them', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"n"},"x":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);

    expect(() => projectObject(bytes, { account: 'acct' })).toThrow(ModelError);
  });

  it.each([
    { metadata: { name: 'n', ownerReferences: 'no list' } },
    { metadata: { name: 'n', ownerReferences: [null, 5, { kind: 'Job' }] } },
    { metadata: { name: 'n', annotations: [], labels: null } },
    { metadata: { name: 'n', annotations: { a: 5 } } },
    { metadata: { name: 'n' }, spec: 'text', status: null },
  ])('does without fields of a wrong shape: %j', (parts) => {
    const { relations } = project({
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      ...parts,
    });

    expect(relations.filter((row) => row.type !== 'applications')).toEqual([]);
  });
});

describe(ObjectProjector, () => {
  const golden = goldenObjects().map(({ bytes }) => bytes);
  const pods = ['a/x', 'a/y', 'b/y', 'b/x', 'b/x', 'a/x'].map((names, at) => {
    const [namespace = '', owner = ''] = names.split('/');
    return bytesOf(aPod({ name: `pod-${at}`, namespace, owners: [`ReplicaSet/${owner}`] }));
  });

  it.each([true, false])(
    'makes of each object what it makes of it alone, all of applications: %s',
    (all) => {
      const context = { account: 'acct', cacheAllApplicationRelationships: all };
      const projector = new ObjectProjector(context);
      const objects = [...golden, ...pods, ...golden.toReversed(), ...pods.toReversed()];

      const projected = objects.map((object) => projector.project(object));

      expect(projected).toEqual(objects.map((object) => projectObject(object, context)));
    },
  );

  it('goes on after an object that cannot be projected', () => {
    const projector = new ObjectProjector({ account: 'acct' });
    const object = bytesOf(aPod({ owners: ['ReplicaSet/x'] }));
    const before = projector.project(object);

    expect(() => projector.project(bytesOf(aPod({ name: '', owners: ['Job/y'] })))).toThrow(
      ModelError,
    );
    expect(projector.project(object)).toEqual(before);
  });
});
