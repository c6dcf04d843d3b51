import { acceptedForm } from './accepted-form.ts';

describe(acceptedForm, () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    [`${table},application/json`, 'table'],
    [table, 'table'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json', 'json'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', undefined],
    ['application/vnd.kubernetes.protobuf', undefined],
    ['application/json;q=0', undefined],
  ])('of %s is %s', (accept, form) => {
    expect(acceptedForm(accept)).toBe(form);
  });
});
