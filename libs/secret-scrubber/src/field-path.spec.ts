import { checkFieldPath, everyMember, parseFieldPath } from './field-path.ts';

describe(parseFieldPath, () => {
  it.each([
    ['.metadata.managedFields', ['metadata', 'managedFields']],
    ['{.spec.env[*].value}', ['spec', 'env', everyMember, 'value']],
    [".data['tls.key']", ['data', 'tls.key']],
    [String.raw`['it\'s']['a\\b']['é "]']['']`, ["it's", 'a\\b', 'é "]', '']],
    ['[*].x-1_y', [everyMember, 'x-1_y']],
  ])('reads %s', (text, path) => {
    expect(parseFieldPath(text)).toEqual({ kind: 'path', path });
  });
});

describe(checkFieldPath, () => {
  it.each(['.spec', '.metadata.labels[*]', '[*].labels', '.metadata.name.x', '.a[*].name'])(
    'accepts %s',
    (text) => {
      expect(checkFieldPath(text)).toBeUndefined();
    },
  );

  it.each([
    ['', 'is empty'],
    ['{}', 'is empty'],
    ['spec.env', 'from character 1 on'],
    ['.spec.', 'from character 6 on'],
    ['.spec..env', 'from character 6 on'],
    ['{.spec[0]}', 'from character 7 on'],
    ['.spec[?(@.a==1)]', 'from character 6 on'],
    ["['open", 'from character 1 on'],
    [String.raw`['\x']`, 'from character 1 on'],
    ['$.spec', 'without $'],
    ['.a'.repeat(65), 'more than 64 steps'],
    ['.kind', 'touches kind'],
    ["['apiVersion']", 'touches apiVersion'],
    ['[*]', 'which identifies the object'],
    ['.metadata', 'touches metadata,'],
    ['.metadata[*]', 'touches metadata.name'],
    ['[*].uid', 'touches metadata.uid'],
    ['{.metadata.resourceVersion}', 'touches metadata.resourceVersion'],
  ])('says what is wrong with %p', (text, message) => {
    expect(checkFieldPath(text)).toContain(message);
  });
});
