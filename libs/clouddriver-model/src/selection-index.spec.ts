import fc from 'fast-check';
import { readSelection, selectionOf, type Selection } from './selection.ts';
import { SelectionIndex, type RelationRows } from './selection-index.ts';

type Labels = Readonly<Record<string, string>>;

const aService = (labels: Labels, namespace = 'prod'): Selection => ({
  ...{ side: 'service', namespace, labels },
});
const aSet = (labels: Labels, namespace = 'prod'): Selection => ({
  ...{ side: 'replicaSet', namespace, labels },
});

/** `from -> to` for each row, in both directions. */
const shown = ({ added, removed }: RelationRows) => ({
  added: added.map(({ type, id, relId, relType }) => `${type} ${id} -> ${relType} ${relId}`).sort(),
  removed: removed.map(({ id, relId }) => `${id} -> ${relId}`).sort(),
});
const both = (service: string, set: string) => [
  ...[`replicaSet ${set} -> service ${service}`, `service ${service} -> replicaSet ${set}`],
];

describe(SelectionIndex, () => {
  it('relates a service to every replica set whose pods have all it asks for', () => {
    const index = new SelectionIndex('a/Core');
    index.apply([
      { id: 'web-1', selection: aSet({ app: 'web', tier: 'front', version: '1' }) },
      { id: 'web-2', selection: aSet({ app: 'web', version: '2' }) },
      { id: 'other', selection: aSet({ app: 'web', tier: 'front' }, 'test') },
    ]);

    const rows = index.apply([{ id: 'web', selection: aService({ app: 'web', tier: 'front' }) }]);

    expect(shown(rows)).toEqual({ added: both('web', 'web-1'), removed: [] });
  });

  it('keeps what one service finds apart from what another finds', () => {
    const index = new SelectionIndex('a/Core');
    index.apply([
      { id: 'web-1', selection: aSet({ app: 'web', track: 'stable' }) },
      { id: 'web-2', selection: aSet({ app: 'web', track: 'canary' }) },
    ]);

    const rows = index.apply([
      { id: 'narrow', selection: aService({ app: 'web', track: 'stable' }) },
      { id: 'wide', selection: aService({ app: 'web' }) },
    ]);

    expect(shown(rows).added).toEqual(
      [...both('narrow', 'web-1'), ...both('wide', 'web-1'), ...both('wide', 'web-2')].sort(),
    );
  });

  it('finds the services of a replica set that comes later', () => {
    const index = new SelectionIndex('a/Core');
    index.apply([{ id: 'web', selection: aService({ app: 'web' }) }]);

    const rows = index.apply([{ id: 'web-1', selection: aSet({ app: 'web' }) }]);

    expect(shown(rows)).toEqual({ added: both('web', 'web-1'), removed: [] });
  });

  it('takes back what no longer holds, and says again what still does', () => {
    const index = new SelectionIndex('a/Core');
    index.apply([
      { id: 'web', selection: aService({ app: 'web' }) },
      { id: 'web-1', selection: aSet({ app: 'web', version: '1' }) },
      { id: 'web-2', selection: aSet({ app: 'web', version: '2' }) },
    ]);

    const rows = index.apply([{ id: 'web', selection: aService({ version: '2' }) }]);

    expect(shown(rows)).toEqual({
      added: both('web', 'web-2'),
      removed: ['web -> web-1', 'web-1 -> web'],
    });
  });

  it.each([
    ['is deleted', 'web'],
    ['loses its labels', 'web-1'],
  ])('takes everything back when one of the two %s', (_, id) => {
    const index = new SelectionIndex('a/Core');
    index.apply([
      { id: 'web', selection: aService({ app: 'web' }) },
      { id: 'web-1', selection: aSet({ app: 'web' }) },
    ]);

    const rows = index.apply([{ id, selection: undefined }]);
    const again = index.apply([{ id, selection: undefined }]);

    expect(shown(rows)).toEqual({ added: [], removed: ['web -> web-1', 'web-1 -> web'] });
    expect(shown(again)).toEqual({ added: [], removed: [] });
  });

  it('goes on from what is stored, whose rows it does not say again', () => {
    const index = new SelectionIndex('a/Core');
    index.load([
      { id: 'web', selection: aService({ app: 'web' }) },
      { id: 'web-1', selection: aSet({ app: 'web', version: '1' }) },
    ]);

    const rows = index.apply([
      { id: 'web-1', selection: undefined },
      { id: 'web-2', selection: aSet({ app: 'web', version: '2' }) },
    ]);

    expect(shown(rows)).toEqual({
      added: both('web', 'web-2'),
      removed: ['web -> web-1', 'web-1 -> web'],
    });
  });

  it('never adds and removes the same row when both sides change at once', () => {
    const index = new SelectionIndex('a/Core');
    index.apply([
      { id: 'web', selection: aService({ app: 'web' }) },
      { id: 'web-1', selection: aSet({ app: 'web' }) },
    ]);

    const moved = index.apply([
      { id: 'web', selection: aService({ app: 'shop' }) },
      { id: 'web-1', selection: aSet({ app: 'shop' }) },
    ]);

    expect(shown(moved)).toEqual({ added: both('web', 'web-1'), removed: [] });
  });

  it('finds the rows of one agent under the name that Clouddriver looks for', () => {
    const index = new SelectionIndex('a/Core');

    const { added } = index.apply([
      { id: 'web', selection: aService({ app: 'web' }) },
      { id: 'web-1', selection: aSet({ app: 'web' }) },
    ]);

    expect(added.map(({ relAgent }) => relAgent).sort()).toEqual([
      ...['replicaSet:a/Core', 'service:a/Core'],
    ]);
    expect(new Set(added.map(({ uuid }) => uuid)).size).toBe(2);
  });
});

describe('any history of services and replica sets', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'track'), fc.constantFrom('a', 'b'), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const namespaces = fc.constantFrom('prod', 'test');
  const someSelection = fc.record<Selection>({
    side: fc.constantFrom('service', 'replicaSet'),
    namespace: namespaces,
    labels,
  });
  const change = fc.record({
    id: fc.constantFrom('one', 'two', 'three', 'four', 'five', 'six'),
    selection: fc.option(someSelection, { nil: undefined }),
  });

  it('leaves the rows that asking everybody would find', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(change, { selector: ({ id }) => id })), (history) => {
        const index = new SelectionIndex('a/Core');
        const now = new Map<string, Selection>();
        const rows = new Set<string>();
        for (const changes of history) {
          const { added, removed } = index.apply(changes);
          for (const { id, relId } of removed) rows.delete(`${id} -> ${relId}`);
          for (const { id, relId } of added) rows.add(`${id} -> ${relId}`);
          for (const { id, selection } of changes) {
            if (selection === undefined) now.delete(id);
            else now.set(id, selection);
          }
        }
        expect([...rows].sort()).toEqual(askedEverybody(now).sort());
      }),
    );
  });
});

function askedEverybody(now: ReadonlyMap<string, Selection>): string[] {
  return [...now].flatMap(([service, wants]) =>
    [...now].flatMap(([set, has]) => {
      const selects =
        wants.side === 'service' &&
        has.side === 'replicaSet' &&
        wants.namespace === has.namespace &&
        Object.entries(wants.labels).every(([key, value]) => has.labels[key] === value);
      return selects ? [`${service} -> ${set}`, `${set} -> ${service}`] : [];
    }),
  );
}

describe(selectionOf, () => {
  const metadata = { namespace: 'prod', labels: { own: 'label' } };
  const template = { metadata: { labels: { app: 'web' } } };

  it('reads what a service asks for and what a replica set’s pods have', () => {
    const service = { kind: 'Service', apiVersion: 'v1', metadata, spec: { selector: { a: 'b' } } };
    const set = { kind: 'ReplicaSet', apiVersion: 'apps/v1', metadata, spec: { template } };

    expect([selectionOf(service), selectionOf(set)]).toEqual([
      ...[aService({ a: 'b' }), aSet({ app: 'web' })],
    ]);
  });

  it.each([
    ['a service without a selector', { kind: 'Service', apiVersion: 'v1', metadata, spec: {} }],
    ['a service of another API', { kind: 'Service', apiVersion: 'serving.knative.dev/v1' }],
    ['a deployment', { kind: 'Deployment', apiVersion: 'apps/v1', metadata, spec: { template } }],
  ])('finds none in %s', (_, object) => {
    expect(selectionOf(object)).toBeUndefined();
  });
});

describe(readSelection, () => {
  it('reads it from a stored body', () => {
    const metadata = { namespace: 'prod' };
    const spec = { selector: { a: 'b' } };
    const manifest = { kind: 'Service', apiVersion: 'v1', metadata, spec };

    const selection = readSelection(Buffer.from(JSON.stringify({ attributes: { manifest } })));

    expect(selection).toEqual(aService({ a: 'b' }));
  });

  it('finds none in a body that somebody has spoilt', () => {
    expect(readSelection(Buffer.from('{"attributes":{"manif'))).toBeUndefined();
  });
});
