import { aReplicaSet, anObject, bytesOf } from './testing/index.ts';
import { attributesMark, readRowHead, rowHeadChars } from './row-head.ts';
import { projectObject } from './project-object.ts';

const project = (object: object) => projectObject(bytesOf(object), { account: 'acct' });

describe(readRowHead, () => {
  it('reads everything that a usual head holds', () => {
    const row = project(aReplicaSet({ name: 'web-v002', resourceVersion: '42', uid: 'u' }));

    const head = readRowHead(Buffer.from(row.body).subarray(0, rowHeadChars));

    expect(head).toEqual({
      id: row.id,
      relations: {
        applications: ['kubernetes.v2:logical:applications:web'],
        clusters: ['kubernetes.v2:logical:clusters:acct:web:web'],
        pod: [],
        service: [],
      },
      kind: 'replicaSet',
      apiVersion: 'apps/v1',
      name: 'web-v002',
      namespace: 'prod',
      moniker: { app: 'web', cluster: 'web', sequence: 2 },
      uid: 'u',
      resourceVersion: '42',
    });
  });

  it('reads the relations from what stands before the attributes alone', () => {
    const row = project(aReplicaSet({ name: 'web-v002' }));
    const body = Buffer.from(row.body).toString();

    expect(body.split(attributesMark)[0]).toBe(row.head);
    expect(readRowHead(row.head).relations).toEqual(readRowHead(body).relations);
  });

  it('leaves empty what lies behind the cut', () => {
    const annotations = { long: 'x'.repeat(5000) };
    const metadata = { annotations, name: 'n', resourceVersion: '1', uid: 'u' };
    const { body } = project({ ...anObject('a.io/v1', 'A'), metadata });

    const cut = readRowHead(Buffer.from(body).toString().slice(0, rowHeadChars));
    expect(cut).toMatchObject({ name: 'n', uid: '', resourceVersion: '' });
    expect(readRowHead(body)).toMatchObject({ uid: 'u', resourceVersion: '1' });
  });

  it.each(['', '{', '[]', 'null', '{"relationships":[]}', '{"relationships":{"a":1}}'])(
    'reads nothing from %j',
    (head) => {
      const { relations } = readRowHead(head);
      expect(Object.values(relations).flat()).toEqual([]);
    },
  );
});
