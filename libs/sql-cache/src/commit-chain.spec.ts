import { CommitChains } from './commit-chain.ts';

describe(CommitChains, () => {
  /** A commit of `acme` that is on its way until it is told how it ends. */
  const begin = (chains: CommitChains, counts?: number) => {
    const end = Promise.withResolvers<string>();
    const running = chains.run('acme', async (commit) => {
      if (counts !== undefined) commit.counts(counts);
      try {
        return await end.promise;
      } catch (error: unknown) {
        if (await commit.isSeenCommitted()) return 'seen';
        throw error;
      }
    });
    return { ...end, running };
  };

  it('knows nobody to go behind before and after', async () => {
    const chains = new CommitChains();
    expect(chains.last('acme')).toBeUndefined();
    const { resolve, running } = begin(chains);
    expect(chains.last('acme')).toBeDefined();
    expect(chains.last('other')).toBeUndefined();

    resolve('done');
    await running;

    expect(chains.last('acme')).toBeUndefined();
  });

  it('begins the second at once, and tells it what will be counted', async () => {
    const chains = new CommitChains();
    const { running, resolve } = begin(chains);
    const seen: unknown[] = [];
    const second = chains.last('acme')?.follow(async (counted) => {
      seen.push('begun');
      seen.push(await counted);
      return 'second';
    });
    expect(seen).toEqual(['begun']);
    chains.last('acme')?.counts(7);

    expect(await second).toBe('second');
    expect(seen).toEqual(['begun', 7]);
    resolve('first');
    expect(await running).toBe('first');
  });

  it('has nothing to tell of one that ends before it is known', async () => {
    const chains = new CommitChains();
    const { running, reject } = begin(chains);
    const following = chains.last('acme')?.follow((counted) => counted);

    reject(new Error('gone'));

    expect(await following).toBeUndefined();
    await expect(running).rejects.toThrow('gone');
  });

  it('lets one follow each', async () => {
    const chains = new CommitChains();
    begin(chains, 1);
    const first = chains.last('acme');
    const second = first?.follow(() => Promise.resolve('second'));

    expect(await first?.follow(() => Promise.resolve('third'))).toBeUndefined();
    expect(await second).toBe('second');
  });

  it('takes the first for committed when the second is, whatever was heard of its end', async () => {
    const chains = new CommitChains();
    const { running, reject } = begin(chains, 1);
    const end = Promise.withResolvers<string>();
    const second = chains.last('acme')?.follow(() => end.promise);

    reject(new Error('connection lost'));
    end.resolve('committed');

    expect(await running).toBe('seen');
    expect(await second).toBe('committed');
  });

  it('does not when the second has failed, and tells of that no further', async () => {
    const chains = new CommitChains();
    const { running, reject } = begin(chains, 1);
    const end = Promise.withResolvers<string>();
    const second = chains.last('acme')?.follow(() => end.promise);

    reject(new Error('connection lost'));
    end.reject(new Error('not behind it'));

    await expect(running).rejects.toThrow('connection lost');
    expect(await second).toBeUndefined();
  });
});
