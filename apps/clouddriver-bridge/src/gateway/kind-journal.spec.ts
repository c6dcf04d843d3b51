import { JournalBudget } from './journal-budget.ts';
import { KindJournal, type FeedPlace, type RowChange } from './kind-journal.ts';

const anObject = (name: string, version: string, uid = `uid-${name}`): Uint8Array =>
  Buffer.from(JSON.stringify({ metadata: { name, uid, resourceVersion: version } }));

/** `was`/`is`: versions of the object before and after. */
function change(name: string, parts: { was?: string; is?: string; at?: string; ns?: string }) {
  const { was, is, at = is ?? '', ns = 'a' } = parts;
  return {
    id: `${ns}/${name}`,
    namespace: ns,
    name,
    before: was === undefined ? undefined : anObject(name, was),
    after: is === undefined ? undefined : anObject(name, is),
    resourceVersion: at,
  } satisfies RowChange;
}

const at = (resourceVersion: string, namespace = ''): FeedPlace => ({ namespace, resourceVersion });

function aJournal(feeds: readonly FeedPlace[] = [at('100')], perKindBytes = 1e6) {
  const budget = new JournalBudget({ totalBytes: 1e9, perKindBytes });
  const journal = new KindJournal({ id: 'j', budget, feeds });
  const everything = { key: '', matches: undefined };
  /** What a watcher sees who starts at a version. */
  const seenFrom = (version: string, namespace?: string): readonly string[] | undefined => {
    const start = journal.startAfter(namespace, version);
    if (start === undefined) return undefined;
    const read = journal.read(start.next, 1000);
    if (read.kind === 'expired') return undefined;
    return read.changes
      .filter((each, place) => !start.isKnown(start.next + place, each))
      .filter((each) => namespace === undefined || each.namespace === namespace)
      .flatMap((each) =>
        each
          .eventsFor(everything)
          .map(
            (type) =>
              `${type} ${each.name} ${JSON.parse(String(each.line(type))).object.metadata.resourceVersion}`,
          ),
      );
  };
  return { journal, budget, seenFrom };
}

describe(KindJournal, () => {
  it('tells of what comes, changes and goes', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('x', { is: '101' })], [at('101')]);
    journal.committed([change('x', { was: '101', is: '102' })], [at('102')]);
    journal.committed([change('x', { was: '102', at: '105' })], [at('105')]);

    expect(seenFrom('100')).toEqual(['ADDED x 101', 'MODIFIED x 102', 'DELETED x 105']);
    expect(seenFrom('101')).toEqual(['MODIFIED x 102', 'DELETED x 105']);
    expect(seenFrom('105')).toEqual([]);
  });

  it('does not wait for a checkpoint with more than it may remember', () => {
    const { journal, budget } = aJournal([at('100')], 4_000);
    let told = 0;
    journal.subscribe(() => (told += 1));

    let held = 0;
    for (let version = 201; version < 400 && !journal.isClosed; version += 1) {
      journal.committed([change(`x${version}`, { is: String(version) })], []);
      held = Math.max(held, budget.bytes);
    }

    expect(journal.isClosed).toBe(true);
    // As much again for the history of rows, and one change.
    expect(held).toBeLessThan(9_000);
    expect(budget.bytes).toBe(0);
    expect(told).toBeGreaterThan(0);
  });

  it('gives back what waited for a checkpoint', () => {
    const { journal, budget } = aJournal();
    journal.committed([change('x', { is: '201' }), change('y', { is: '202' })], []);
    journal.committed([change('x', { was: '201', at: '203' })], []);

    journal.committed([], [at('300')]);
    journal.close();

    expect(budget.bytes).toBe(0);
  });

  it('tells nothing of what stays as it is', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('x', { was: '50', is: '50' })], [at('101')]);

    expect(seenFrom('100')).toEqual([]);
    expect(journal.position).toEqual({ rows: 0, changes: 0 });
  });

  it('puts the changes of one transaction in the order of their versions', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed(
      [
        change('b', { is: '103' }),
        change('a', { is: '99999' }),
        change('c', { was: '1', at: '102' }),
      ],
      [at('100000')],
    );

    expect(seenFrom('100')).toEqual(['DELETED c 102', 'ADDED b 103', 'ADDED a 99999']);
  });

  it('says that an object was made anew under its name', () => {
    const { journal, seenFrom } = aJournal();
    const anew = { ...change('x', { was: '90', is: '101' }), after: anObject('x', '101', 'other') };

    journal.committed([anew], [at('101')]);

    expect(seenFrom('100')).toEqual(['DELETED x 101', 'ADDED x 101']);
  });

  it('keeps back what is newer than its feed, until the feed is there', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('own', { is: '110' })], []);
    expect(seenFrom('100')).toEqual([]);
    journal.committed([change('other', { is: '105' })], [at('105')]);
    expect(seenFrom('100')).toEqual(['ADDED other 105']);
    journal.committed([], [at('112')]);

    expect(seenFrom('100')).toEqual(['ADDED other 105', 'ADDED own 110']);
  });

  it('forgets what was made and is gone before its feed was there', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('x', { is: '110' })], []);
    journal.committed([change('x', { was: '110', at: '111' })], []);
    journal.committed([], [at('120')]);

    expect(seenFrom('100')).toEqual([]);
  });

  describe('at the end of a snapshot', () => {
    const { journal, seenFrom } = aJournal();
    journal.committed([change('new', { is: '150' }), change('old', { was: '90', is: '120' })], []);
    journal.committed([change('gone', { was: '80' })], []);
    const before = seenFrom('100');
    journal.committed([change('alsoGone', { was: '70' })], [at('200')]);

    it('tells everything at once, and first what is gone', () => {
      expect(before).toEqual([]);
      expect(seenFrom('100')).toEqual([
        'DELETED gone 100',
        'DELETED alsoGone 100',
        'MODIFIED old 120',
        'ADDED new 150',
      ]);
    });

    it('tells again what is gone to whoever may not have seen it', () => {
      expect(seenFrom('150')).toEqual(['DELETED gone 100', 'DELETED alsoGone 100']);
      expect(seenFrom('200')).toEqual([]);
    });
  });

  it('tells everybody of a row that was put right, however much they know', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('lost', { is: '50' })], []);

    expect(seenFrom('100')).toEqual(['ADDED lost 50']);
    expect(seenFrom('5000')).toEqual(['ADDED lost 50']);
  });

  it('cannot tell what was before it began', () => {
    const { seenFrom } = aJournal();

    expect(seenFrom('99')).toBeUndefined();
  });

  it('tells nothing that a client knows who is ahead', () => {
    const { journal, seenFrom } = aJournal();

    journal.committed([change('x', { is: '101' })], [at('101')]);
    journal.committed([change('y', { is: '301' })], [at('301')]);

    expect(seenFrom('300')).toEqual(['ADDED y 301']);
  });

  it('forgets the oldest, and says so', () => {
    const { journal, budget, seenFrom } = aJournal([at('100')], 20_000);

    for (let version = 101; version < 200; version += 1) {
      journal.committed([change(`x${version}`, { is: `${version}` })], [at(`${version}`)]);
      expect(budget.bytes).toBeLessThanOrEqual(40_000);
    }

    expect(seenFrom('101')).toBeUndefined();
    expect(seenFrom('198')).toEqual(['ADDED x199 199']);
    expect(journal.past(0).refresh()).toBe(false);
    journal.close();
    expect(budget.bytes).toBe(0);
  });

  describe('of several feeds', () => {
    const feeds = [at('150', 'a'), at('120', 'b')];

    it('is as far as the one that is furthest behind, and each namespace as far as its own', () => {
      const { journal } = aJournal(feeds);

      expect(journal.versionOf(undefined)).toBe('120');
      expect(journal.versionOf('a')).toBe('150');
    });

    it('goes on from a list where the list was read', () => {
      const { journal, seenFrom } = aJournal(feeds);

      const { resourceVersion } = journal.handOut(undefined);
      journal.committed([change('x', { is: '130', ns: 'b' })], [at('130', 'b')]);

      expect(resourceVersion).toBe('120');
      expect(seenFrom('120')).toEqual(['ADDED x 130']);
      expect(seenFrom('121')).toBeUndefined();
    });

    it('tells what came later from the one that was behind', () => {
      const { journal, seenFrom } = aJournal(feeds);
      journal.committed([change('x', { is: '160', ns: 'a' })], [at('160', 'a')]);
      journal.committed([change('y', { is: '155', ns: 'b' })], [at('155', 'b')]);

      expect(seenFrom('160')).toEqual(['ADDED y 155']);
      expect(seenFrom('155', 'b')).toEqual([]);
      expect(seenFrom('150', 'a')).toEqual(['ADDED x 160']);
    });
  });

  it('tells who listens, until they stop or it is closed', () => {
    const { journal } = aJournal();
    let heard = 0;
    const stop = journal.subscribe(() => (heard += 1));

    journal.committed([], [at('101')]);
    expect(journal.isWatched).toBe(true);
    journal.close();
    stop();
    journal.committed([], [at('102')]);

    expect(heard).toBe(2);
    expect(journal.isClosed).toBe(true);
  });
});
