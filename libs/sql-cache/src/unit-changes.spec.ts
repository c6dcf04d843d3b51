import { aReplicaSet, bytesOf } from '@fairlead/clouddriver-model/testing';
import { changesOf } from './unit-changes.ts';
import { projectObject } from '@fairlead/clouddriver-model';

const project = (name: string, owners: readonly string[]) =>
  projectObject(bytesOf(aReplicaSet({ name, owners })), { account: 'a' });
const batch = (parts: Partial<Parameters<typeof changesOf>[0]>) => ({
  type: 'replicaSet',
  agent: 'a/KubernetesCoreCachingAgent[1/1]',
  upserts: [],
  deletes: [],
  ...parts,
});

describe(changesOf, () => {
  const row = project('web-v001', ['Deployment/web']);

  it('adds everything that a new row brings', () => {
    const change = changesOf(batch({ upserts: [row] }), []);

    expect(change.inserts).toEqual([row]);
    expect(change.added).toEqual(row.relations);
    expect(change.logical.map((logical) => logical.type)).toEqual(['applications', 'clusters']);
    expect(change.removed).toEqual([]);
  });

  it('touches no relation of a row whose relations are as they were', () => {
    const stored = { id: row.id, bodyHash: 'older', head: null };

    const change = changesOf(batch({ upserts: [row] }), [stored]);

    expect(change.updates).toEqual([row]);
    expect([...change.added, ...change.removed, ...change.logical]).toEqual([]);
  });

  it('states all relations of a distrusted row anew', () => {
    const stored = { id: row.id, bodyHash: '', head: null };

    const change = changesOf(batch({ upserts: [row] }), [stored]);

    expect(change.updates).toEqual([row]);
    expect(change.added).toEqual(row.relations);
    expect(change.logical).toHaveLength(2);
    expect(change.removed).toEqual([]);
  });

  it('removes the relations that a changed row no longer states', () => {
    const before = project('web-v001', ['Deployment/old', 'Deployment/web']);
    const stored = { id: row.id, bodyHash: 'older', head: before.head };

    const change = changesOf(batch({ upserts: [row] }), [stored]);

    expect(change.removed.map((relation) => relation.id)).toEqual([
      'kubernetes.v2:infrastructure:deployment:a:prod:old',
    ]);
  });

  it('removes all relations of a row that goes', () => {
    const stored = { id: row.id, bodyHash: 'h', head: row.head };

    const change = changesOf(batch({ deletes: [row.id, 'not there'] }), [stored]);

    expect(change.deletes).toEqual([row.id]);
    expect(change.removed).toEqual(row.relations);
  });

  it('changes nothing for a row that is stored as it is', () => {
    const stored = { id: row.id, bodyHash: row.bodyHash, head: null };

    const change = changesOf(batch({ upserts: [row] }), [stored]);

    expect(change).toMatchObject({ unchanged: 1, inserts: [], updates: [], added: [] });
  });
});
