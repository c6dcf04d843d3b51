import { IdleRounds } from './idle-rounds.ts';
import { IdleWatchdog, type IdleWatchdogOptions } from './idle-watchdog.ts';
import { FakeClock, settle } from './testing/index.ts';

interface Connection {
  readonly watchdog: IdleWatchdog;
  readonly signal: AbortSignal;
}

/** The connections of an account, and a clock to try them with. */
function account(): {
  readonly clock: FakeClock;
  readonly rounds: IdleRounds;
  connect(options?: Partial<IdleWatchdogOptions>): Connection;
} {
  const clock = new FakeClock();
  const rounds = new IdleRounds(clock);
  return {
    clock,
    rounds,
    connect: (options = {}) => {
      const connection = new AbortController();
      const watchdog = new IdleWatchdog({ clock, connection, timeoutMs: 80_000, ...options });
      rounds.add(watchdog);
      return { watchdog, signal: connection.signal };
    },
  };
}

describe(IdleRounds, () => {
  it('gives up each connection when it has been silent for its time', async () => {
    const { clock, connect } = account();
    const first = connect();
    await clock.advance(10_000);
    const second = connect();

    await clock.advance(69_999);
    const before = [first.watchdog.isIdle, second.watchdog.isIdle];
    await clock.advance(1);
    const meanwhile = [first.watchdog.isIdle, second.watchdog.isIdle];
    await clock.advance(10_000);

    expect([before, meanwhile]).toEqual([
      [false, false],
      [true, false],
    ]);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true]);
  });

  it('counts from what was heard last, and not while it is paused', async () => {
    const { clock, connect } = account();
    const [heard, paused] = [connect(), connect()];
    paused.watchdog.pause();
    await clock.advance(50_000);
    heard.watchdog.heard();
    await clock.advance(79_999);
    const before = heard.watchdog.isIdle;
    await clock.advance(1);

    expect([before, heard.watchdog.isIdle, paused.watchdog.isIdle]).toEqual([false, true, false]);
    paused.watchdog.resume();
    await clock.advance(160_000);
    expect(paused.watchdog.isIdle).toBe(true);
  });

  it('looks in time at one that is due before all others', async () => {
    const { clock, connect } = account();
    connect();
    await clock.advance(1_000);
    const quietAtMs: number[] = [];
    connect({ quietMs: 2_000, onQuiet: () => quietAtMs.push(clock.nowMs()) });
    const startMs = clock.nowMs();
    await clock.advance(70_000);

    expect(quietAtMs.map((atMs) => atMs - startMs)).toEqual([2_000]);
  });

  it('tells that a connection is not read for a while, and never gives that one up', async () => {
    const { clock, connect } = account();
    const told: string[] = [];
    const { watchdog } = connect({
      quietMs: 2_000,
      onQuiet: () => told.push('quiet'),
      onHeldUp: () => told.push('held up'),
    });
    watchdog.pause();
    await clock.advance(4_000);
    const whilePaused = [...told];
    await clock.advance(100_000);
    const isGivenUp = watchdog.isIdle;
    watchdog.resume();
    told.length = 0;
    await clock.advance(3_000);

    expect([whilePaused, isGivenUp, told]).toEqual([['held up', 'held up'], false, ['quiet']]);
  });

  it('waits with one timer, and with none when the last connection has ended', async () => {
    const { clock, rounds, connect } = account();
    const connections = Array.from({ length: 20 }, () => connect());
    await settle();
    const waiting = clock.sleepers;
    for (const { watchdog } of connections) rounds.remove(watchdog);
    await settle();

    expect([waiting, clock.sleepers]).toEqual([1, 0]);
  });

  it('begins again after all connections had ended', async () => {
    const { clock, rounds, connect } = account();
    rounds.remove(connect().watchdog);
    const again = connect();
    await clock.advance(80_000);

    expect([again.watchdog.isIdle, clock.sleepers]).toEqual([true, 0]);
  });
});
