import { negotiateDiscovery, negotiateForm } from './accept-header.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe(negotiateForm, () => {
  it.each([
    [undefined, 'object'],
    ['application/json', 'object'],
    ['*/*', 'object'],
    [`${table},application/json`, 'table'],
    ['application/vnd.kubernetes.protobuf, */*', 'object'],
    [`application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,${table}`, 'table'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'partialMetadataList'],
    ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'partialMetadata'],
    ['application/json;as=PartialObjectMetadata;v=v2;g=meta.k8s.io', undefined],
    ['application/json;as=PartialObjectMetadata;v=v1;g=other', undefined],
    ['application/json;as=constructor;v=v1;g=meta.k8s.io', undefined],
    ['application/vnd.kubernetes.protobuf', undefined],
    ['text/html', undefined],
  ])('takes %s for %s', (accept, form) => {
    expect(negotiateForm(accept)).toBe(form);
  });
});

describe(negotiateDiscovery, () => {
  const aggregated = (version: string): string =>
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

  it.each([
    [`${aggregated('v2')},${aggregated('v2beta1')},application/json`, 'v2'],
    [`${aggregated('v2beta1')},application/json`, 'v2beta1'],
    [`${aggregated('v3')},${aggregated('v2')}`, 'v2'],
    ['application/json', undefined],
    [undefined, undefined],
  ])('takes %s for %s', (accept, version) => {
    expect(negotiateDiscovery(accept, ['v2', 'v2beta1'])).toBe(version);
  });
});
