import { ListPermits, type ListPermit } from './list-permits.ts';
import { settle } from './testing/index.ts';

const NEVER = new AbortController().signal;

/** Asks for permits and notes in which order they come. */
function asker(permits: ListPermits): {
  readonly order: string[];
  readonly held: Map<string, ListPermit>;
  ask(account: string, label: string, signal?: AbortSignal): Promise<void>;
} {
  const order: string[] = [];
  const held = new Map<string, ListPermit>();
  return {
    order,
    held,
    ask: async (account, label, signal = NEVER) => {
      const permit = await permits.forAccount(account).acquire(signal);
      order.push(label);
      held.set(label, permit);
    },
  };
}

describe(ListPermits, () => {
  it('hands out no more than the total, and the next when one comes back', async () => {
    const permits = new ListPermits({ total: 2 });
    const { order, held, ask } = asker(permits);
    void ask('a', 'a1');
    void ask('a', 'a2');
    void ask('a', 'a3');
    await settle();
    expect(order).toEqual(['a1', 'a2']);

    held.get('a1')!.release();
    held.get('a1')!.release();
    await settle();

    expect(order).toEqual(['a1', 'a2', 'a3']);
    expect(permits.active).toBe(2);
  });

  it('hands an account no more than its share', async () => {
    const permits = new ListPermits({ total: 10, perAccount: 1 });
    const { order, ask } = asker(permits);
    void ask('a', 'a1');
    void ask('a', 'a2');
    void ask('b', 'b1');
    await settle();

    expect(order).toEqual(['a1', 'b1']);
  });

  it('serves accounts in turn', async () => {
    const permits = new ListPermits({ total: 1 });
    const { order, held, ask } = asker(permits);
    for (const label of ['a1', 'a2', 'a3']) void ask('a', label);
    for (const label of ['b1', 'b2']) void ask('b', label);
    void ask('c', 'c1');

    for (let i = 0; i < 6; i += 1) {
      await settle();
      held.get(order.at(-1)!)!.release();
    }

    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
    expect(permits.active).toBe(0);
  });

  it('forgets who no longer waits', async () => {
    const permits = new ListPermits({ total: 1 });
    const { order, held, ask } = asker(permits);
    void ask('a', 'a1');
    const leaving = new AbortController();
    const left = ask('b', 'b1', leaving.signal);
    void ask('c', 'c1');
    leaving.abort(new Error('gone'));

    await expect(left).rejects.toThrow('gone');
    await expect(ask('d', 'd1', AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    held.get('a1')!.release();
    await settle();

    expect(order).toEqual(['a1', 'c1']);
  });

  it('counts a permit that rests for its account alone, and again for all when it is resumed', async () => {
    const permits = new ListPermits({ total: 1, perAccount: 1 });
    const { order, held, ask } = asker(permits);
    for (const label of ['a1', 'a2']) void ask('a', label);
    void ask('b', 'b1');
    await settle();
    held.get('a1')!.rest();
    await settle();
    const whileResting = [...order];

    void held
      .get('a1')!
      .resume(NEVER)
      .then(() => order.push('a1 again'));
    await settle();
    const whileWaiting = [...order];
    held.get('b1')!.release();
    await settle();

    expect(whileResting).toEqual(['a1', 'b1']);
    expect(whileWaiting).toEqual(['a1', 'b1']);
    expect(order).toEqual(['a1', 'b1', 'a1 again']);
    held.get('a1')!.release();
    await settle();
    expect(order.at(-1)).toBe('a2');
    expect(permits.active).toBe(1);
  });

  it('gives back what a permit was granted that was released while it waited to go on', async () => {
    const permits = new ListPermits({ total: 1 });
    const { held, ask } = asker(permits);
    void ask('a', 'a1');
    await settle();
    held.get('a1')!.rest();
    void ask('b', 'b1');
    await settle();
    void held.get('a1')!.resume(NEVER);
    held.get('a1')!.release();
    held.get('b1')!.release();
    await settle();

    expect(permits.active).toBe(0);
  });
});
