import { describe, expect, it } from '@jest/globals';
import { type Projection } from '@fairlead/clouddriver-model';
import { UnitBuilder } from './unit-builder.ts';

function aProjection(id: string, body = 'x'): Projection {
  return { id, type: 'pod', agent: 'agent', body: Buffer.from(body) } as unknown as Projection;
}

const writer = { account: 'prod', epoch: 3 };
const key = (id: string) => ({ type: 'pod', id, agent: 'agent' });
const aCheckpoint = (resourceVersion: string) => ({
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
  type: 'pod',
  resourceVersion,
  asOfMs: 1,
});

describe(UnitBuilder, () => {
  it('keeps of each row the last state', () => {
    const unit = new UnitBuilder();
    unit.upsert(aProjection('a', 'old'));
    unit.upsert(aProjection('a', 'new'));
    unit.delete(key('b'));
    unit.upsert(aProjection('b', 'again'));
    unit.upsert(aProjection('c'));
    unit.delete(key('c'));

    const { upserts, deletes } = unit.build(writer);

    expect(upserts.map(({ id, body }) => `${id} ${Buffer.from(body).toString()}`)).toEqual([
      'a new',
      'b again',
    ]);
    expect(deletes).toEqual([key('c')]);
  });

  it('is of new rows only if all of them are', () => {
    const unit = new UnitBuilder();
    expect(unit.build(writer).isNew).toBe(false);
    unit.upsert(aProjection('a'), true);
    expect(unit.build(writer).isNew).toBe(true);
    unit.upsert(aProjection('b'));

    expect(unit.build(writer).isNew).toBe(false);
  });

  it('keeps of each feed the last checkpoint, and none of a feed that is retired', () => {
    const unit = new UnitBuilder();
    unit.checkpoint(aCheckpoint('1'));
    unit.checkpoint(aCheckpoint('2'));
    expect(unit.build(writer).checkpoints).toEqual([aCheckpoint('2')]);

    unit.retire({ group: '', resource: 'pods', namespace: '' });

    expect(unit.build(writer)).toMatchObject({ checkpoints: [], retired: [{ resource: 'pods' }] });
  });

  it('is full by rows or by bytes', () => {
    const unit = new UnitBuilder({ maxRows: 2, maxBytes: 10 });
    expect(unit.isEmpty).toBe(true);
    unit.upsert(aProjection('a'));
    expect(unit.isFull).toBe(false);
    unit.upsert(aProjection('b'));
    expect(unit.isFull).toBe(true);

    const heavy = new UnitBuilder({ maxRows: 99, maxBytes: 10 });
    heavy.upsert(aProjection('a', '0123456789'));
    expect(heavy.isFull).toBe(true);
  });
});
