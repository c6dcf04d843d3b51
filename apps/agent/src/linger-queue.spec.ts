import { LingerQueue } from './linger-queue.ts';
import { ManualClock } from './testing/manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const ending = new AbortController();
  const due: string[] = [];
  const queue = new LingerQueue<string>({
    waitMs: 20,
    clock,
    signal: ending.signal,
    onDue: (thing, ticket) => due.push(`${thing} ${ticket}`),
  });
  return { clock, ending, due, queue };
}

describe(LingerQueue, () => {
  it('gives each thing back when its time is over, with one timer for all', async () => {
    const { clock, due, queue } = setUp();

    queue.add('a');
    await clock.advance(15);
    expect(queue.add('b')).toBe(2);
    expect(clock.pendingMs).toEqual([5]);
    await clock.advance(5);
    expect(due).toEqual(['a 1']);
    await clock.advance(15);

    expect(due).toEqual(['a 1', 'b 2']);
    expect(clock.pendingMs).toEqual([]);
  });

  it('begins again after it was empty', async () => {
    const { clock, due, queue } = setUp();
    queue.add('a');
    await clock.advance(100);

    queue.add('b');
    await clock.advance(20);

    expect(due).toEqual(['a 1', 'b 2']);
  });

  it('forgets everything when it is ended', async () => {
    const { clock, ending, due, queue } = setUp();
    queue.add('a');

    ending.abort();
    await clock.advance(100);
    queue.add('b');
    await clock.advance(100);

    expect(due).toEqual([]);
  });
});
