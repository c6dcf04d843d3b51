import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFileLocked, withFileLock } from './file-lock.ts';

describe(withFileLock, () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'file-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('lets the second caller in when the first has left', async () => {
    const path = join(directory, 'a.lock');
    const order: string[] = [];
    const mayLeave = Promise.withResolvers<undefined>();

    const first = withFileLock(path, async () => {
      await mayLeave.promise;
      order.push('first leaves');
    });
    const second = withFileLock(path, () => Promise.resolve(order.push('second enters')), {
      onWait: () => {
        order.push('second waits');
        mayLeave.resolve(undefined);
      },
    });
    await Promise.all([first, second]);

    expect(order).toEqual(['second waits', 'first leaves', 'second enters']);
  });

  it('is locked while the work lasts, and free after it has failed', async () => {
    const path = join(directory, 'a.lock');
    let duringWork = false;

    const work = withFileLock(path, () => {
      duringWork = isFileLocked(path);
      return Promise.reject(new Error('broken'));
    });

    await expect(work).rejects.toThrow('broken');
    expect([duringWork, isFileLocked(path)]).toEqual([true, false]);
  });

  it('stops waiting when aborted', async () => {
    const path = join(directory, 'a.lock');
    const waiting = new AbortController();

    await withFileLock(path, async () => {
      const second = withFileLock(path, () => Promise.resolve(), {
        signal: waiting.signal,
        onWait: () => {
          waiting.abort();
        },
      });
      await expect(second).rejects.toThrow('aborted');
    });
  });
});
