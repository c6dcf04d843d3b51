import { foundInList, foundInObject, type ViewedFeed } from './found-object.ts';
import { aFeed, wholeView } from '../../tests/deltas.ts';

const feed = (
  view: Partial<ViewedFeed['view']> = {},
  more: Partial<ViewedFeed> = {},
): ViewedFeed => ({
  ...aFeed(1, more),
  view: { ...wholeView, prune: ['.metadata.managedFields'], ...view },
});

const aPod = (metadata: object = {}, more: object = {}) => {
  const names = { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '7' };
  const object = { kind: 'Pod', apiVersion: 'v1', metadata: { ...names, ...metadata }, ...more };
  return Buffer.from(JSON.stringify(object));
};

const bytesOf = (found: ReturnType<typeof foundInObject>) =>
  found.kind === 'object' && found.found.object
    ? Buffer.from(found.found.object).toString()
    : undefined;

describe(foundInObject, () => {
  it('is the object as the feed would bring it', () => {
    const managed = { managedFields: [{ manager: 'kubectl' }] };

    const found = foundInObject(aPod(managed, { spec: { n: 1 } }), feed());

    expect(found).toMatchObject({
      kind: 'object',
      found: {
        group: '',
        resource: 'pods',
        namespace: 'ns',
        name: 'p',
        uid: 'u',
        resourceVersion: '7',
      },
    });
    expect(bytesOf(found)).toBe(aPod({}, { spec: { n: 1 } }).toString());
  });

  it('is cut by the rules of the feed, with the copies of what is cut', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'geheim' };
    const object = aPod({ annotations }, { spec: { env: 'geheim' } });

    expect(bytesOf(foundInObject(object, feed({ redact: ['.spec.env'] })))).not.toContain('geheim');
  });

  it('has no values of a Secret, whatever was answered', () => {
    const secrets = feed({}, { resource: 'secrets', kind: 'Secret' });
    const object = aPod(
      {},
      { kind: 'Secret', data: { a: 'Z2VoZWlt' }, stringData: { b: 'geheim' } },
    );

    const bytes = bytesOf(foundInObject(object, secrets));

    expect(bytes).toContain('"kind":"Secret"');
    expect(bytes).not.toMatch(/Z2VoZWlt|geheim/);
  });

  it.each([
    [{ omitNamespaces: ['ns'] }, 'outside'],
    [{ namespaces: ['other'] }, 'outside'],
    [{ namespaces: ['ns'] }, 'object'],
  ])('goes by the namespaces that leave: %j', (view, kind) => {
    expect(foundInObject(aPod(), feed(view)).kind).toBe(kind);
  });

  it.each([
    [{}, false],
    [{ 'moniker.spinnaker.io/application': '""' }, false],
    [{ 'moniker.spinnaker.io/application': 'app' }, true],
  ])('is there for Spinnaker alone where only its own leave: %j', (annotations, isThere) => {
    const found = foundInObject(aPod({ annotations }), feed({ onlySpinnakerManaged: true }));

    expect(bytesOf(found) !== undefined).toBe(isThere);
    expect(found).toMatchObject({ kind: 'object', found: { resourceVersion: '7' } });
  });

  it.each([
    ['another kind', aPod({}, { kind: 'Status' })],
    ['another version', aPod({}, { apiVersion: 'v2' })],
    ['no object', Buffer.from('nothing')],
    ['two of them', Buffer.concat([aPod(), Buffer.from(','), Buffer.from('{')])],
  ])('is none when the answer is %s', (_what, bytes) => {
    expect(foundInObject(bytes, feed()).kind).toBe('other');
  });
});

describe(foundInList, () => {
  const list = (items: string) =>
    Buffer.from(
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[${items}]}`,
    );

  it('says at which resourceVersion there is nothing', () => {
    expect(foundInList([list('')], feed())).toEqual({
      ...{ kind: 'list', objects: [], resourceVersion: '9' },
    });
  });

  it('is unreadable when it is a failure, or breaks off', () => {
    const status = Buffer.from('{"kind":"Status","code":410,"reason":"Expired","message":"old"}');

    expect(foundInList([status], feed()).kind).toBe('unreadable');
    expect(foundInList([list('').subarray(0, 60)], feed()).kind).toBe('unreadable');
  });
});
