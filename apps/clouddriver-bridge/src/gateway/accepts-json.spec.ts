import { acceptsJson } from './accepts-json.ts';

describe(acceptsJson, () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  it.each([
    [undefined, true],
    ['*/*', true],
    ['application/json', true],
    ['application/vnd.kubernetes.protobuf,application/json', true],
    [`${table},application/json`, true],
    [table, false],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', false],
    ['application/vnd.kubernetes.protobuf', false],
    ['application/json;q=0', false],
  ])('in %s: %s', (accept, expected) => {
    expect(acceptsJson(accept)).toBe(expected);
  });
});
