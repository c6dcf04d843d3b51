import { digestOfDocument, pickSecret, type SecretDocument } from './secret-document.ts';
import { parseSecretReference } from './secret-reference.ts';

const referenceTo = (text: string) => parseSecretReference(text)!;
const fields = (values: Record<string, string | Buffer>): SecretDocument => ({
  kind: 'fields',
  fields: new Map(Object.entries(values)),
});
const content = (text: string, keys: 'path' | 'name' = 'path'): SecretDocument => ({
  kind: 'content',
  content: Buffer.from(text),
  keys,
});
const pick = (document: SecretDocument, text: string) =>
  pickSecret(document, referenceTo(text)).toString();

describe(pickSecret, () => {
  it('finds the key of an engine that has keys', () => {
    const document = fields({ a: 'one', 'b.c': Buffer.from('two') });

    expect(pick(document, 'encrypted:vault!e:s!p:x!k:a')).toBe('one');
    expect(pick(document, 'encrypted:k8s!n:x!k:b.c')).toBe('two');
  });

  it('cuts the line breaks at the end of values, and nothing of files', () => {
    const document = fields({ a: ' one \r\n\n' });

    expect(pick(document, 'encrypted:k8s!n:x!k:a')).toBe(' one ');
    expect(pick(document, 'encryptedFile:k8s!n:x!k:a')).toBe(' one \r\n\n');
  });

  it('takes the whole content without a key', () => {
    expect(pick(content('whole: 1\n'), 'encryptedFile:s3!r:r!b:b!f:f')).toBe('whole: 1\n');
  });

  it('walks through a YAML document', () => {
    const document = content('a: { b: [x, { c: 5 }], on: yes }');

    expect(pick(document, 'encrypted:gcs!b:b!f:f!k:a.b.0')).toBe('x');
    expect(pick(document, 'encrypted:gcs!b:b!f:f!k:a.b.1.c')).toBe('5');
    expect(pick(document, 'encrypted:gcs!b:b!f:f!k:a.on')).toBe('yes');
  });

  it('takes the keys of Secrets Manager as they stand', () => {
    const document = content('{"a.b":"x"}', 'name');

    expect(pick(document, 'encrypted:secrets-manager!r:r!s:s!k:a.b')).toBe('x');
  });

  it('reads base64 as people keep it', () => {
    const document = fields({ a: 'aHVu\ndGVyMg==\n', b: 'aHVudGVyMg' });

    expect(pick(document, 'encrypted:vault!e:s!p:x!k:a!b:true')).toBe('hunter2');
    expect(pick(document, 'encryptedFile:vault!e:s!p:x!k:b!b:true')).toBe('hunter2');
  });

  it.each<[string, SecretDocument, string, string]>([
    ['a missing key', fields({ b: 'hunter2' }), 'encrypted:vault!e:s!p:x!k:a', 'noKey'],
    ['a missing step', content('a: {b: hunter2}'), 'encrypted:file!p:x!k:a.c', 'noKey'],
    ['an inherited name', content('a: hunter2'), 'encrypted:file!p:x!k:toString', 'noKey'],
    ['a map', content('a: {b: hunter2}'), 'encrypted:file!p:x!k:a', 'malformed'],
    ['no YAML', content('a: {b: hunter2'), 'encrypted:file!p:x!k:a', 'malformed'],
    ['no base64', fields({ a: 'hunter2!' }), 'encrypted:vault!e:s!p:x!k:a!b:true', 'malformed'],
  ])('refuses %s without repeating what is there', (_what, document, reference, code) => {
    const act = () => pickSecret(document, referenceTo(reference));

    expect(act).toThrow(expect.objectContaining({ code }) as Error);
    expect(act).toThrow(/^engine \w+, path (?!.*hunter2)/);
  });
});

describe(digestOfDocument, () => {
  it('changes with what is there, and with nothing else', () => {
    const digest = digestOfDocument(fields({ a: 'b', c: 'd' }));

    expect(digestOfDocument({ ...fields({ c: 'd', a: 'b' }), maxAgeMs: 5 })).toBe(digest);
    expect(digestOfDocument(fields({ a: 'bc', d: '' }))).not.toBe(digest);
    expect(digestOfDocument(fields({ a: 'b', c: 'e' }))).not.toBe(digest);
    expect(digestOfDocument(content('a'))).not.toBe(digestOfDocument(content('b')));
  });
});
