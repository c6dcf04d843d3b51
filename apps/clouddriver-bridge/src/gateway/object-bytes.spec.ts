import { projectObject } from '@fairlead/clouddriver-model';
import { identityOf, objectInBody, withResourceVersion } from './object-bytes.ts';

const object = Buffer.from(
  '{"apiVersion":"v1","kind":"Pod","metadata":{"uid":"u","name":"a","namespace":"n",' +
    '"annotations":{"x":",\\"manifest\\":{"},"resourceVersion":"7"},"spec":{"big":9007199254740993}}',
);

describe(objectInBody, () => {
  it('gives back the bytes that went in', () => {
    const { body } = projectObject(object, { account: 'prod' });

    expect(Buffer.from(objectInBody(Buffer.from(body))!)).toEqual(object);
  });

  it('finds the object in a row of Clouddriver’s own', () => {
    const body = Buffer.from(
      '{"id":"x","attributes":{"name":"a","manifest":{"kind":"Pod"},"z":{}}}',
    );

    expect(JSON.parse(Buffer.from(objectInBody(body)!).toString())).toEqual({ kind: 'Pod' });
  });

  it('finds nothing where there is nothing', () => {
    expect(objectInBody(Buffer.from('{"id":"x","attributes":{}}'))).toBeUndefined();
    expect(objectInBody(Buffer.from('no'))).toBeUndefined();
  });
});

describe(withResourceVersion, () => {
  it('changes that one word', () => {
    const changed = Buffer.from(withResourceVersion(object, '12345')).toString();

    expect(changed).toBe(
      object.toString().replace('"resourceVersion":"7"', '"resourceVersion":"12345"'),
    );
  });

  it('leaves an object alone that has none', () => {
    const bare = Buffer.from('{"metadata":{"name":"a"}}');

    expect(withResourceVersion(bare, '1')).toBe(bare);
  });
});

describe(identityOf, () => {
  it('reads uid and version', () => {
    expect(identityOf(object)).toEqual({ uid: 'u', resourceVersion: '7' });
    expect(identityOf(Buffer.from('{}'))).toEqual({ uid: '', resourceVersion: '' });
  });
});
