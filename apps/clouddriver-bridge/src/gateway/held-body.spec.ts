import { heldBody } from './held-body.ts';

const pieces = (...texts: string[]): AsyncIterable<Uint8Array> =>
  (async function* () {
    for (const text of texts) yield Promise.resolve(Buffer.from(text));
  })();

function setUp(maxBytes = 100) {
  const read: (string | undefined)[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const reader = {
    maxBytes,
    whole: async (body: Uint8Array | undefined) => {
      read.push(body && Buffer.from(body).toString());
      await promise;
    },
  };
  return { read, reader, done: () => resolve(undefined) };
}

describe(heldBody, () => {
  it('passes pieces on, and keeps the last until the reader is done', async () => {
    const { read, reader, done } = setUp();
    const body = heldBody(pieces('a', 'b', 'c'), reader);

    const first = [await body.next(), await body.next()].map(({ value }) => String(value));
    const last = body.next();
    const whileHeld = await Promise.race([last, Promise.resolve('held')]);
    done();

    expect(first).toEqual(['a', 'b']);
    expect(whileHeld).toBe('held');
    expect(String((await last).value)).toBe('c');
    expect((await body.next()).done).toBe(true);
    expect(read).toEqual(['abc']);
  });

  it('reads nothing of a body that is too long, and passes it on', async () => {
    const { read, reader, done } = setUp(2);
    done();

    const passed: string[] = [];
    for await (const chunk of heldBody(pieces('ab', 'c'), reader)) passed.push(String(chunk));

    expect(passed).toEqual(['ab', 'c']);
    expect(read).toEqual([undefined]);
  });

  it('tells of an empty body, too', async () => {
    const { read, reader, done } = setUp();
    done();

    for await (const chunk of heldBody(new Uint8Array(0), reader)) throw new Error(String(chunk));

    expect(read).toEqual(['']);
  });
});
