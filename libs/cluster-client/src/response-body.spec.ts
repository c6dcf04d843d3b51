import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { IncomingResponse } from './node-transport.ts';
import { ResponseBody } from './response-body.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function bodyOf(stream: Readable): ResponseBody {
  const response: IncomingResponse = {
    status: 200,
    headers: {},
    stream,
    isWhole: () => true,
    certificateFingerprint: '',
  };
  return new ResponseBody(response, { signal: undefined, unpack: 'nothing' });
}

/** Puts in a chunk that nobody else holds. */
function put(stream: Readable): WeakRef<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024);
  stream.push(chunk);
  return new WeakRef(chunk);
}

describe(ResponseBody, () => {
  it('keeps no chunk alive while its reader waits for the next', async () => {
    const stream = new Readable({ read: () => undefined });
    let bytes = 0;
    const body = bodyOf(stream);
    // A loop around the wait could itself keep the last chunk.
    const readOne = async (): Promise<boolean> => {
      const { done, value } = await body.next();
      bytes += value?.length ?? 0;
      return done !== true;
    };
    const reading = (async () => {
      while (await readOne());
    })();
    const chunk = put(stream);
    while (bytes === 0) await nextTurn();
    await nextTurn();

    collectGarbage();

    expect(chunk.deref()).toBeUndefined();
    stream.push(null);
    await reading;
    expect(bytes).toBe(64 * 1024);
  });

  it('hands out what came before a failure, then the failure', async () => {
    const stream = new Readable({ read: () => undefined });
    const body = bodyOf(stream);
    const first = body.next();
    stream.push('one');
    stream.push('two');
    await first;
    await nextTurn();
    stream.destroy(new Error('broken'));

    expect(String((await body.next()).value)).toBe('two');
    await expect(body.next()).rejects.toMatchObject({ code: 'interrupted' });
  });
});
