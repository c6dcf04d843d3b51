import { aPodObject, ReadStand } from '../../tests/read-stand.ts';
import { settled } from '../../tests/fake-clock.ts';
import { AccountJournal } from './account-journal.ts';

describe(AccountJournal, () => {
  it('looks nothing up of what nobody reads', async () => {
    const stand = new ReadStand();
    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });
    expect(stand.lookedUp).toEqual([]);

    await stand.journal.open('deployment');
    await stand.commit({ put: [aPodObject('x', 102)], checkpoint: 102 });
    expect(stand.lookedUp).toEqual([]);

    await stand.journal.open('pod');
    await stand.commit({ put: [aPodObject('x', 103)], checkpoint: 103 });
    expect(stand.lookedUp).toEqual(['pod']);
  });

  it('begins to look after the unit that is on its way', async () => {
    const stand = new ReadStand();
    const { end } = await stand.beginCommit({ put: [aPodObject('x', 101)], checkpoint: 101 });
    let version: string | undefined;
    const opened = stand.journal.open('pod').then((journal) => {
      version = journal.versionOf(undefined);
      return journal;
    });
    await settled();
    expect(version).toBeUndefined();

    end();
    const journal = await opened;
    await stand.commit({ put: [aPodObject('x', 102)], checkpoint: 102 });

    expect(version).toBe('101');
    expect(journal.startAfter(undefined, '100')).toBeUndefined();
    expect(journal.read(0, 9)).toMatchObject({ changes: [{ name: 'x', resourceVersion: '102' }] });
  });

  describe('with a unit that is sent behind another', () => {
    const aUnit = { upserts: [], checkpoints: [], retired: [] };
    const podUnit = {
      ...aUnit,
      deletes: [{ type: 'pod', id: 'kubernetes.v2:infrastructure:pod:prod:a:x', agent: 'x' }],
    };

    it('lets it go if nobody reads what it changes', async () => {
      const stand = new ReadStand();
      await stand.journal.open('deployment');

      expect(stand.journal.beginBehind(podUnit)).toBeDefined();
      stand.isFollowing = true;
      expect(stand.journal.beginBehind(podUnit)).toBeUndefined();
    });

    it('has it wait if somebody does, or is about to', async () => {
      const stand = new ReadStand();
      const { end } = await stand.beginCommit({ put: [aPodObject('x', 101)], checkpoint: 101 });
      const opened = stand.journal.open('pod');

      expect(stand.journal.beginBehind(podUnit)).toBeUndefined();
      end();
      await opened;
      expect(stand.journal.beginBehind(podUnit)).toBeUndefined();
    });

    it('begins to look when both are over', async () => {
      const stand = new ReadStand();
      const { end } = await stand.beginCommit({ put: [aPodObject('x', 101)], checkpoint: 101 });
      const note = stand.journal.beginBehind(podUnit);
      let isOpen = false;
      const opened = stand.journal.open('pod').then(() => (isOpen = true));
      end();
      await settled();
      expect(isOpen).toBe(false);

      note?.committed();
      note?.ended();

      expect(await opened).toBe(true);
      expect(stand.lookedUp).toEqual([]);
    });
  });

  it('stops looking when nobody has read for five minutes', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    await stand.clock.advance(299_000);
    await stand.commit({ checkpoint: 101 });
    expect(journal.isClosed).toBe(false);

    await stand.clock.advance(2000);
    await stand.commit({ put: [aPodObject('x', 102)], checkpoint: 102 });

    expect(journal.isClosed).toBe(true);
    expect(stand.lookedUp).toEqual([]);
  });

  it('goes on looking for as long as somebody watches', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    journal.subscribe(() => undefined);
    await stand.clock.advance(3_600_000);

    await stand.commit({ checkpoint: 101 });

    expect(journal.isClosed).toBe(false);
  });

  it('sends readers away, and lets the writer go on, when it cannot look', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    stand.failure = new Error('refused');

    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });

    expect(journal.isClosed).toBe(true);
    expect(stand.failures).toEqual(['pod']);
    expect(stand.rows.size).toBe(1);
    expect(await stand.journal.open('pod')).not.toBe(journal);
  });

  it('sends readers away when nobody knows whether a unit was committed', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    const { end } = await stand.beginCommit({ put: [aPodObject('x', 101)], checkpoint: 101 });

    end('failed');

    expect(journal.isClosed).toBe(true);
  });

  it('leaves out what the database refused', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    const note = await stand.journal.begin({
      ...{ upserts: [], checkpoints: [], retired: [] },
      deletes: [{ type: 'pod', id: 'kubernetes.v2:infrastructure:pod:prod:a:x', agent: 'x' }],
    });
    note.leftOut('kubernetes.v2:infrastructure:pod:prod:a:x');
    note.committed();
    note.ended();

    expect(journal.position).toEqual({ rows: 0, changes: 0 });
  });

  it('ends what watches a kind when a feed is gone for good', async () => {
    const stand = new ReadStand();
    const journal = await stand.journal.open('pod');
    const note = await stand.journal.begin({
      ...{ upserts: [], deletes: [], checkpoints: [] },
      retired: [{ group: '', resource: 'pods', namespace: '' }],
    });
    note.committed();
    note.ended();

    expect(journal.isClosed).toBe(true);
  });

  it('tells who follows everything of every change', async () => {
    const stand = new ReadStand();
    await stand.commit({ put: [aPodObject('x', 101)] });
    stand.isFollowing = true;

    await stand.commit({ put: [aPodObject('x', 102)], gone: [['y', 103]] });

    expect(stand.followed).toMatchObject([
      { account: 'prod', type: 'pod', changes: [{ name: 'x', resourceVersion: '102' }] },
    ]);
    expect(stand.followed[0]?.changes[0]?.before).toBeDefined();
  });

  it('tells of changed definitions, whoever reads', async () => {
    const stand = new ReadStand();
    const type = 'customResourceDefinition';
    const note = await stand.journal.begin({
      ...{ upserts: [], checkpoints: [], retired: [] },
      deletes: [{ type, id: `kubernetes.v2:infrastructure:${type}:prod::x`, agent: 'x' }],
    });
    expect(stand.definitionsChanged).toBe(0);
    note.committed();
    note.ended();

    expect(stand.definitionsChanged).toBe(1);
  });

  it('gives a closed journal when the account is not written any more', async () => {
    const stand = new ReadStand();
    const { end } = await stand.beginCommit({});
    const opened = stand.journal.open('pod');

    stand.journal.close();
    end();

    expect((await opened).isClosed).toBe(true);
    expect(stand.journal.isClosed).toBe(true);
  });
});
