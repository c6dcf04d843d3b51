import { type StoredFeed } from '@fairlead/sql-cache';
import { FeedIntake } from './feed-intake.ts';
import { UnitBuilder } from './unit-builder.ts';
import { aFeed, aMark, aPod } from '../tests/deltas.ts';

const stored = (policy: string): StoredFeed => ({
  ...{ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true, namespace: '' },
  ...{ type: 'pod', resourceVersion: '10', asOfMs: 1, policy },
  ...{ state: '', reason: '', stateSinceMs: 0, updatedAtMs: 0, ahead: '' },
});

const intakeOf = (policy: string, before?: StoredFeed) =>
  new FeedIntake(aFeed(1, { policy }), { context: { account: 'prod' }, stored: before });

/** Policies of the checkpoints that the deltas lead to, one unit each; null for none. */
function policiesAfter(intake: FeedIntake, records: readonly Parameters<FeedIntake['take']>[0][]) {
  return records.map((record) => {
    const unit = new UnitBuilder();
    if (intake.take(record, unit).kind === 'snapshotComplete') intake.finishSnapshot(unit);
    const [checkpoint] = unit.build({ account: 'prod', epoch: 1 }).checkpoints;
    return checkpoint?.policy ?? null;
  });
}

describe(FeedIntake, () => {
  describe('believes rows to be new', () => {
    const isNewAfter = (
      intake: FeedIntake,
      records: readonly Parameters<FeedIntake['take']>[0][],
    ) =>
      records.map((record) => {
        const unit = new UnitBuilder();
        if (intake.take(record, unit).kind === 'snapshotComplete') intake.finishSnapshot(unit);
        return unit.build({ account: 'prod', epoch: 1 }).isNew;
      });

    it('in a first snapshot, the first time that it names them', () => {
      const isNew = isNewAfter(intakeOf(''), [
        aMark('init'),
        aPod('initApplied', 'a'),
        aPod('initApplied', 'a'),
        aPod('initApplied', 'b'),
        aMark('initDone', '20'),
        aPod('applied', 'c'),
        aMark('init'),
        aPod('initApplied', 'd'),
      ]);

      expect(isNew).toEqual([false, true, false, true, false, false, false, false]);
    });

    it('not when the snapshot begins anew', () => {
      const isNew = isNewAfter(intakeOf(''), [
        aMark('init'),
        aPod('initApplied', 'a'),
        aMark('init'),
        aPod('initApplied', 'b'),
      ]);

      expect(isNew).toEqual([false, true, false, false]);
    });

    it('not when the database knows the feed, or has been found to hold rows', () => {
      const records = [aMark('init'), aPod('initApplied', 'a')];
      const told = intakeOf('');
      told.expectStored();

      expect(isNewAfter(intakeOf('', stored('')), records)).toEqual([false, false]);
      expect(isNewAfter(told, records)).toEqual([false, false]);
    });
  });

  describe('keeps the policy with the checkpoint', () => {
    it('from the beginning of a first snapshot', () => {
      const policies = policiesAfter(intakeOf('new'), [
        aMark('init'),
        aPod('initApplied', 'a'),
        aMark('initDone', '20'),
        aPod('applied', 'b'),
      ]);

      expect(policies).toEqual(['new', null, 'new', 'new']);
    });

    it('and none while a snapshot under another one is not complete', () => {
      const policies = policiesAfter(intakeOf('new', stored('old')), [
        aMark('init'),
        aPod('initApplied', 'a'),
        aMark('initDone', '20'),
      ]);

      expect(policies).toEqual(['', null, 'new']);
    });

    it('and none after one that could not be swept', () => {
      const policies = policiesAfter(intakeOf('new', stored('old')), [
        aMark('init'),
        aMark('initDoneUnswept', '20'),
        aPod('applied', 'a'),
      ]);

      expect(policies).toEqual(['', '', '']);
    });

    it('and none once an agent goes on that does not tell', () => {
      const policies = policiesAfter(intakeOf('', stored('old')), [aPod('applied', 'a')]);

      expect(policies).toEqual(['']);
    });

    it('as it is when the feed resumes under the same', () => {
      const policies = policiesAfter(intakeOf('same', stored('same')), [
        aPod('applied', 'a'),
        aMark('initOver'),
      ]);

      expect(policies).toEqual(['same', null]);
    });
  });

  describe('counts the rows that a first snapshot has brought', () => {
    const annotations = { 'caching.spinnaker.io/ignore': 'true' };
    const ignored = { body: { metadata: { name: 'b', namespace: 'default', annotations } } };
    const broughtBy = (
      records: readonly Parameters<FeedIntake['take']>[0][],
      intake = intakeOf(''),
    ) => {
      const unit = new UnitBuilder();
      for (const record of [aMark('init'), ...records, aMark('initDone', '20')]) {
        intake.take(record, unit);
      }
      return intake.broughtRows;
    };

    it('each once', () => {
      const [a, again] = [aPod('initApplied', 'a'), aPod('initApplied', 'a')];
      expect(broughtBy([a, aPod('initApplied', 'b'), again])).toBe(2);
    });

    it('without those that cannot be rows, or are not to be', () => {
      const broken = { ...aPod('initApplied', 'c'), object: Buffer.from('{') };
      const records = [aPod('initApplied', 'a'), aPod('initApplied', 'b', ignored), broken];
      expect(broughtBy(records)).toBe(1);
    });

    it.each([
      ['deleted', [aPod('initApplied', 'b'), aPod('deleted', 'b')]],
      ['to be ignored', [aPod('initApplied', 'b'), aPod('applied', 'b', ignored)]],
    ])('not when one was %s after it came', (_what, records) => {
      expect(broughtBy(records)).toBeUndefined();
    });

    it('not when rows were stored before, or may have been', () => {
      const expecting = intakeOf('');
      expecting.expectStored();
      const begunAnew = intakeOf('');
      begunAnew.take(aMark('init'), new UnitBuilder());

      const intakes = [expecting, begunAnew, intakeOf('', stored(''))];
      const brought = intakes.map((intake) => broughtBy([aPod('initApplied', 'a')], intake));

      expect(brought).toEqual([undefined, undefined, undefined]);
    });
  });
});
