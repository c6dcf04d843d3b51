import { KeyedQueue } from './keyed-queue.ts';

describe(KeyedQueue, () => {
  it('runs works of one key one after another, and of others beside them', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const first = queue.run('a', async () => {
      await gate.promise;
      log.push('a1');
    });
    const second = queue.run('a', async () => Promise.resolve(void log.push('a2')));

    await queue.run('b', async () => Promise.resolve(void log.push('b1')));
    gate.resolve(undefined);
    await Promise.all([first, second]);

    expect(log).toEqual(['b1', 'a1', 'a2']);
  });

  it('runs a work beside those before it, and none after it before both have ended', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const gates = [0, 1].map(() => Promise.withResolvers<undefined>());
    const first = queue.run('a', () => Promise.resolve(gates[0]?.promise));
    const beside = queue.runBeside('a', async () => {
      log.push('beside');
      await gates[1]?.promise;
    });
    const last = queue.run('a', async () => Promise.resolve(void log.push('last')));
    expect(log).toEqual(['beside']);

    gates[0]?.resolve(undefined);
    await first;
    await queue.run('b', () => Promise.resolve());
    expect(log).toEqual(['beside']);
    gates[1]?.resolve(undefined);
    await Promise.all([beside, last]);

    expect(log).toEqual(['beside', 'last']);
  });

  it('goes on after a failure, which only its own caller sees', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('no')));

    await expect(failing).rejects.toThrow('no');
    await expect(queue.run('a', () => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});
