import { builtinResources } from '../builtin-resources.ts';
import { type JsonObject } from '../json-value.ts';
import { readObject, StoredObject, storeObject, touchObject } from '../stored-object.ts';
import { ObjectTemplate, SEEDED_AT } from './object-template.ts';

const pods = builtinResources.find(({ resource }) => resource === 'pods')!;
const model: JsonObject = {
  metadata: { namespace: '', labels: { app: '{{app}}', own: '{{name}}' } },
  spec: { remark: 'größer ✓', ip: '{{ip}}', owner: '{{owner}}', number: '@@int64@@' },
  status: { conditions: [{ lastTransitionTime: '{{time}}' }] },
};
const own = { name: 'p-1', uid: 'u-1', resourceVersion: 7, ip: '1.2' };
const common = { namespace: 'n', app: 'a', owner: 'o', ownerUid: 'ou' };

describe(ObjectTemplate, () => {
  const template = new ObjectTemplate(pods, model);

  it('fills every blank', () => {
    const object = template.make(own, common);

    expect(readObject(pods, object)).toEqual({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name: 'p-1',
        namespace: 'n',
        uid: 'u-1',
        resourceVersion: '7',
        labels: { app: 'a', own: 'p-1' },
      },
      spec: { remark: 'größer ✓', ip: '1.2', owner: 'o', number: expect.anything() },
      status: { conditions: [{ lastTransitionTime: SEEDED_AT }] },
    });
    expect(object.tail.toString()).toContain('"number":9007199254740993');
    expect(object).toMatchObject({ key: 'n/p-1', namespace: 'n', name: 'p-1', ownerUid: 'ou' });
    expect(object.labels).toEqual({ app: 'a', own: 'p-1' });
  });

  it('makes the same bytes as an object that is kept whole', () => {
    const object = template.make(own, common);
    const whole = storeObject(pods, readObject(pods, object));

    const copied = Buffer.alloc(object.byteLength + 1, '.');
    object.copyTo(copied, 1);

    expect(copied.toString()).toBe(`.${whole.tail.toString()}`);
  });

  it('keeps groups apart, also when more take turns than it remembers', () => {
    const objects = Array.from({ length: 100 }, (_, index) =>
      template.make(own, { ...common, app: `app-${String(index)}` }),
    );

    for (const [index, object] of [...objects.entries(), ...objects.entries()]) {
      expect(object.tail.toString()).toContain(`"app":"app-${String(index)}"`);
    }
  });

  it('moves to a new version and time as an object kept whole does', () => {
    const object = template.make(own, common);
    const { key, uid, ownerUid, resourceVersion, tail } = object;
    const whole = new StoredObject({ key, uid, ownerUid, resourceVersion, tail });
    const change = { resourceVersion: 1234, now: '2027-01-01T00:00:00Z' };

    const moved = touchObject(pods, object, change);

    expect(moved.tail.toString()).toBe(touchObject(pods, whole, change).tail.toString());
    expect(object.tail.toString()).toContain('"resourceVersion":"7"');
  });
});
