import { parse } from 'yaml';
import { kustomizeTree } from './kustomize-tree.ts';
import type { Manifest } from './manifest.ts';

const config = (text: string): Manifest => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n' } },
  data: { 'agent.yaml': text },
});
const deployment = (replicas: number): Manifest => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'n' } },
  spec: { replicas },
});
const role = (namespace: string): Manifest => ({
  ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  metadata: { name: 'r', namespace },
});

const treeOf = (base: Manifest[], overlay: Manifest[]) =>
  kustomizeTree({ base, overlays: new Map([['x', overlay]]) });
const readOverlay = (tree: ReadonlyMap<string, string>, file: string): unknown =>
  parse(tree.get(`overlays/x/${file}`) ?? '');

describe(kustomizeTree, () => {
  it('generates ConfigMaps from files, with their names kept', () => {
    const tree = treeOf([config('a: 1\n'), deployment(1)], []);

    expect(tree.get('base/c/agent.yaml')).toBe('a: 1\n');
    expect(parse(tree.get('base/kustomization.yaml') ?? '')).toMatchObject({
      resources: ['deployment-d.yaml'],
      configMapGenerator: [
        { name: 'c', files: ['c/agent.yaml'], options: { disableNameSuffixHash: true } },
      ],
    });
  });

  it('says nothing in an overlay of what is the same', () => {
    const tree = treeOf([deployment(1)], [deployment(1)]);

    expect(readOverlay(tree, 'kustomization.yaml')).toEqual({
      ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
      resources: ['../../base'],
    });
  });

  it('patches what differs, replaces files of ConfigMaps, removes and adds', () => {
    const tree = treeOf(
      [config('1\n'), deployment(1), role('a')],
      [config('2\n'), deployment(2), role('b')],
    );

    expect(readOverlay(tree, 'patch-deployment-d.yaml')).toEqual([
      { op: 'replace', path: '/spec/replicas', value: 2 },
    ]);
    expect(readOverlay(tree, 'remove-role-a-r.yaml')).toMatchObject({
      $patch: 'delete',
      metadata: { name: 'r', namespace: 'a' },
    });
    expect(readOverlay(tree, 'kustomization.yaml')).toMatchObject({
      resources: ['../../base', 'role-b-r.yaml'],
      configMapGenerator: [{ name: 'c', behavior: 'replace' }],
      patches: [
        { path: 'patch-deployment-d.yaml', target: { group: 'apps', version: 'v1', name: 'd' } },
        { path: 'remove-role-a-r.yaml' },
      ],
    });
    expect(tree.get('overlays/x/c/agent.yaml')).toBe('2\n');
  });
});
