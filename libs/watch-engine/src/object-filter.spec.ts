import { MANAGED_ANNOTATION, objectFilter, type ObjectFilterOptions } from './object-filter.ts';
import { aPod } from './testing/index.ts';

const ALL: ObjectFilterOptions = {
  namespaces: [],
  omitNamespaces: [],
  onlySpinnakerManaged: false,
};
const managed = new Map([[MANAGED_ANNOTATION, 'app']]);
const namespace = (name: string) => aPod({ kind: 'Namespace', namespace: '', name });

describe(objectFilter, () => {
  it('sends everything by default', () => {
    expect(objectFilter(ALL)(aPod())).toBe('send');
  });

  it('drops objects of omitted namespaces and the namespaces themselves', () => {
    const filter = objectFilter({ ...ALL, omitNamespaces: ['kube-system'] });

    expect(filter(aPod({ namespace: 'kube-system' }))).toBe('drop');
    expect(filter(namespace('kube-system'))).toBe('drop');
    expect(filter(namespace('default'))).toBe('send');
    expect(filter(aPod({ kind: 'Node', namespace: '', name: 'kube-system' }))).toBe('send');
  });

  it('drops the namespaces an account is not restricted to', () => {
    const filter = objectFilter({ ...ALL, namespaces: ['a'] });

    expect(filter(namespace('a'))).toBe('send');
    expect(filter(namespace('b'))).toBe('drop');
  });

  it('withdraws what Spinnaker does not manage, but never namespaces and definitions', () => {
    const filter = objectFilter({ ...ALL, onlySpinnakerManaged: true });

    expect(filter(aPod({ annotations: managed }))).toBe('send');
    expect(filter(aPod())).toBe('withdraw');
    expect(filter(aPod({ annotations: new Map([[MANAGED_ANNOTATION, '']]) }))).toBe('withdraw');
    expect(filter(aPod({ annotations: new Map([[MANAGED_ANNOTATION, '""']]) }))).toBe('withdraw');
    expect(filter(namespace('a'))).toBe('send');
    expect(filter(aPod({ kind: 'CustomResourceDefinition', namespace: '' }))).toBe('send');
  });
});
