import { createTableNames, type TableNamesOptions } from './table-names.ts';
import { murmur3Hex } from './murmur3.ts';

const names = (options: Partial<TableNamesOptions> = {}) =>
  createTableNames({
    tableNamespace: '',
    limits: { table: 64, id: 352, agent: 127, relType: 64 },
    folding: 'none',
    ...options,
  });

describe(murmur3Hex, () => {
  it.each([
    ['', '00000000000000000000000000000000'],
    ['The quick brown fox jumps over the lazy dog', '6c1b07bc7bbc4be347939ac4a93c437a'],
    ['The quick brown fox jumps over the lazy cog', '9a2685ff70a98c653e5c8ea6eae3fe43'],
  ])('hashes %j as Guava does', (text, hex) => {
    expect(murmur3Hex(text)).toBe(hex);
  });
});

describe(createTableNames, () => {
  it.each([
    ['replicaSet', 'cats_v1_replicaSet', 'cats_v1_replicaSet_rel'],
    [
      'CronTab.stable.example.com',
      'cats_v1_CronTab_stable_example_com',
      'cats_v1_CronTab_stable_example_com_rel',
    ],
    ['a-b:c', 'cats_v1_a_b_c', 'cats_v1_a_b_c_rel'],
  ])('names the tables of %s', (type, resource, relation) => {
    expect([names().resource(type), names().relation(type)]).toEqual([resource, relation]);
  });

  it('folds names where Clouddriver does not quote them', () => {
    expect(names({ folding: 'lower' }).resource('replicaSet')).toBe('cats_v1_replicaset');
  });

  it('puts the namespace before the type', () => {
    const named = names({ tableNamespace: 'blue' });

    expect(named.relation('pod')).toBe('cats_v1_blue_pod_rel');
  });

  it('keeps a name that is just short enough, and hashes one that is longer', () => {
    const fits = 'k'.repeat(63 - 'cats_v1_'.length);
    const tooLong = `${fits}k`;
    const hash = murmur3Hex(tooLong).slice(0, 16);

    expect(names().resource(fits)).toBe(`cats_v1_${fits}`);
    expect(names().resource(tooLong)).toBe(`cats_v1_${'k'.repeat(40)}${hash}`);
    expect(names().resource(tooLong)).toHaveLength(64);
  });

  it('keeps the suffix of a long name while there is room, and hashes it in', () => {
    const type = 'Kind.'.repeat(20);
    const sanitized = type.replaceAll('.', '_');
    const hash = murmur3Hex(`${sanitized}_rel`).slice(0, 16);

    const name = names().relation(type);

    expect(name).toBe(`cats_v1_${sanitized.slice(0, 36)}${hash}_rel`);
    expect(name).not.toBe(names().relation(`${type}x`));
  });

  it('shortens only agents that are too long, and keeps them apart', () => {
    const agent = `${'a'.repeat(120)}/KubernetesCoreCachingAgent[1/1]`;

    expect(names().agent('a/Agent[1/1]')).toBe('a/Agent[1/1]');
    expect(names().agent(agent)).toHaveLength(127);
    expect(names().agent(agent)).not.toBe(names().agent(`${agent}x`));
  });
});
