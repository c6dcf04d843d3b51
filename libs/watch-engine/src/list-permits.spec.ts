import { ListPermits, type ReleasePermit } from './list-permits.ts';
import { settle } from './testing/index.ts';

const NEVER = new AbortController().signal;

/** Asks for permits and notes in which order they come. */
function asker(permits: ListPermits): {
  readonly order: string[];
  readonly held: Map<string, ReleasePermit>;
  ask(account: string, label: string, signal?: AbortSignal): Promise<void>;
} {
  const order: string[] = [];
  const held = new Map<string, ReleasePermit>();
  return {
    order,
    held,
    ask: async (account, label, signal = NEVER) => {
      const release = await permits.forAccount(account).acquire(signal);
      order.push(label);
      held.set(label, release);
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

    held.get('a1')!();
    held.get('a1')!();
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
      held.get(order.at(-1)!)!();
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
    held.get('a1')!();
    await settle();

    expect(order).toEqual(['a1', 'c1']);
  });
});
