import { isPlainJson, jsonAccept } from './accept-header.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe(jsonAccept, () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json, */*', 'application/json'],
    [`${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, undefined],
    ['application/vnd.kubernetes.protobuf,application/json', 'application/json'],
    ['application/yaml;q=1, application/json;q=0.5', 'application/json;q=0.5'],
    [
      'application/cbor,application/json; as=PartialObjectMetadata ;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ],
    ['APPLICATION/JSON; charset=utf-8', 'application/json'],
    ['application/json;stream=watch', 'application/json'],
  ])('narrows %j', (accept, expected = accept) => {
    expect(jsonAccept(accept, 'all')).toBe(expected);
  });

  it.each([
    ...[
      'application/yaml',
      'application/vnd.kubernetes.protobuf',
      'application/cbor',
      'text/plain',
    ],
    ...['application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io', 'application/json;q=0'],
    ...[
      'application/json-seq',
      'application/apply-patch+cbor',
      'application/json;as=Anything',
      'json',
    ],
  ])('finds no JSON in %j', (accept) => {
    expect(jsonAccept(accept, 'all')).toBeUndefined();
  });

  it('leaves Tables out where cells may show too much', () => {
    expect(jsonAccept(`${table},application/json`, 'noTable')).toBe('application/json');
    expect(jsonAccept('application/json;as="Table";v=v1;g=meta.k8s.io', 'noTable')).toBeUndefined();
    expect(jsonAccept(table.replace('Table', 'table'), 'noTable')).toBeUndefined();
  });
});

describe(isPlainJson, () => {
  it.each([
    [{ 'content-type': 'application/json' }, true],
    [{ 'content-type': 'application/json;charset=utf-8', 'content-encoding': 'identity' }, true],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, false],
    [{ 'content-type': 'application/json, text/plain' }, false],
    [{ 'content-type': 'application/yaml' }, false],
    [{}, false],
  ])('says of %j: %s', (headers, expected) => {
    expect(isPlainJson(headers)).toBe(expected);
  });
});
