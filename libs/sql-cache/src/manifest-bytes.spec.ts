import { manifestBytes, manifestIn } from './manifest-bytes.ts';

const read = (body: string) => {
  const bytes = manifestIn(body);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};

describe(manifestIn, () => {
  it('cuts the manifest out byte for byte', () => {
    const manifest = '{"z":9007199254740993,"a":",\\"manifest\\":}}"}';

    expect(read(`{"id":"i","attributes":{"name":"n","manifest":${manifest}}}`)).toBe(manifest);
  });

  it('prints the manifest of a body in another order', () => {
    const body = '{"id":"i","attributes":{"manifest":{"a":1},"name":"n"},"relationships":{}}';

    expect(read(body)).toBe('{"a":1}');
  });

  it.each(['', '{', '{}', '{"attributes":{}}'])('finds none in %j', (body) => {
    expect(read(body)).toBeUndefined();
  });
});

describe(manifestBytes, () => {
  it('cuts the manifest out even if it is no text', () => {
    const manifest = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x22, 0x7d]);
    const start = Buffer.from('{"id":"x,\\"manifest\\":","attributes":{"name":"n","manifest":');

    const found = manifestBytes(Buffer.concat([start, manifest, Buffer.from('}}')]));

    expect(found).toEqual(manifest);
  });

  it('finds none where none is', () => {
    expect(manifestBytes(Buffer.from('{"attributes":{}}'))).toBeUndefined();
  });
});
