import { joinedBody } from './body-memory.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe(joinedBody, () => {
  it('puts a text, bytes and an end in a row', () => {
    expect(textOf(joinedBody('"\u00e9\u20ac\u{1f600}":', Buffer.from('{}'), '}}'))).toBe(
      '"\u00e9\u20ac\u{1f600}":{}}}',
    );
  });

  it.each([1, 2, 700, 5000, 16_000, 17_000, 70_000, 300_000])(
    'leaves the bodies before as they are, with objects of %i bytes',
    (bytes) => {
      const objects = Array.from({ length: 50 }, (_, at) => Buffer.alloc(bytes, at));
      const bodies = objects.map((object, at) => joinedBody(`${at}\u20ac`, object, '}'));

      bodies.forEach((body, at) => {
        const wanted = [Buffer.from(`${at}\u20ac`), objects[at]!, Buffer.from('}')];
        expect(Buffer.compare(body, Buffer.concat(wanted))).toBe(0);
      });
    },
  );

  it('keeps no more than 64 KiB of memory with a small body', () => {
    const body = joinedBody('a', Buffer.from('{}'), '}}');

    expect(body.buffer.byteLength).toBeLessThanOrEqual(64 * 1024);
  });
});
