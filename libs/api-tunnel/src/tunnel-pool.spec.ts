import type { AgentTunnelMessage, BridgeTunnelMessage } from '@fairlead/protocol';
import { serveTunnel } from './answer-tunnel.ts';
import type { ApiHandler, ApiResponse } from './api-exchange.ts';
import { anAnswer, aRequest, settle } from './testing/exchanges.ts';
import { ManualTimers } from './testing/manual-timers.ts';
import { wirePair, type MemoryWire } from './testing/wire-pair.ts';
import { TunnelPool, type TunnelLimits } from './tunnel-pool.ts';

function aPool(handler: ApiHandler, limits: Partial<TunnelLimits> = {}) {
  const clock = new ManualTimers();
  const asked: number[] = [];
  const wires: MemoryWire<BridgeTunnelMessage, AgentTunnelMessage>[] = [];
  const pool = new TunnelPool({ ask: (count) => void asked.push(count), clock, limits });
  const open = (): boolean => {
    const [near, far] = wirePair<BridgeTunnelMessage, AgentTunnelMessage>();
    wires.push(near);
    const ignore = (): void => undefined;
    serveTunnel({
      wire: far,
      clock,
      findHandler: () => handler,
      onFault: ignore,
      onClosed: ignore,
    });
    return pool.add(near);
  };
  return { pool, clock, asked, wires, open };
}

const silence = (): Promise<never> => new Promise(() => undefined);
const answer = (): Promise<ApiResponse> => Promise.resolve(anAnswer('ok'));

describe(TunnelPool, () => {
  it('asks for spare tunnels before anybody needs them', () => {
    expect(aPool(answer).asked).toEqual([2]);
  });

  it('uses the same tunnel again', async () => {
    const { pool, open, asked, wires } = aPool(answer);
    open();
    open();

    for (let at = 0; at < 10; at += 1) {
      await pool.exchange('prod', aRequest());
      await settle();
    }

    expect(wires.map(({ sent }) => sent.length)).toEqual([0, 10]);
    expect(asked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3);
  });

  it('asks for as many as wait, and gives them out in order', async () => {
    const { pool, open, asked } = aPool(silence);
    const order: number[] = [];
    for (let at = 0; at < 5; at += 1) {
      void pool.exchange('prod', aRequest({ target: `/${at}` })).catch(() => order.push(at));
    }

    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(7);
    open();
    open();
    await settle();
    expect([pool.busy, pool.open]).toEqual([2, 2]);
    pool.close('the link is lost');
    await settle();
    expect(order.sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses what has waited too long, and nothing of it was sent', async () => {
    const { pool, clock } = aPool(answer);
    const waiting = pool.exchange('prod', aRequest());

    clock.advance(5_000);

    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', mayHaveRun: false });
  });

  it('forgets a request that nobody waits for', async () => {
    const { pool, open, wires } = aPool(answer);
    const caller = new AbortController();
    const waiting = pool.exchange('prod', aRequest({ signal: caller.signal }));

    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    open();
    await settle();

    expect(wires[0]?.sent).toEqual([]);
  });

  it('asks again for tunnels that do not come', () => {
    const { clock, asked } = aPool(answer);

    clock.advance(5_000);

    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  it('replaces a tunnel that breaks', async () => {
    const { open, asked, wires } = aPool(answer);
    open();
    open();
    asked.length = 0;

    wires[0]?.close('connection reset');
    await settle();

    expect(asked).toEqual([1]);
  });

  it('ends tunnels that were not used for a while, but not the spare ones', async () => {
    const { pool, open, clock } = aPool(answer);
    for (let at = 0; at < 6; at += 1) open();

    clock.advance(120_000);
    await settle();

    expect(pool.open).toBe(2);
  });

  it('does not let one account have all tunnels', async () => {
    const { pool, open } = aPool(silence, { mostPerAccount: 2 });
    for (let at = 0; at < 4; at += 1) open();
    for (let at = 0; at < 2; at += 1) void pool.exchange('a', aRequest()).catch(() => undefined);

    await expect(pool.exchange('a', aRequest())).rejects.toMatchObject({ code: 'unavailable' });
    void pool.exchange('b', aRequest()).catch(() => undefined);
    expect(pool.busy).toBe(3);
  });

  it('takes no more tunnels than it may have, and none after its end', () => {
    const { pool, open, asked } = aPool(answer, { most: 3 });
    expect([open(), open(), open(), open()]).toEqual([true, true, true, false]);
    expect(asked).toEqual([2]);

    pool.close('the link is lost');

    expect(open()).toBe(false);
  });

  it('leaves nothing behind when it is closed', async () => {
    const { pool, open, clock, wires } = aPool(silence);
    open();
    const running = pool.exchange('prod', aRequest());
    await settle();

    pool.close('the link is lost');

    await expect(running).rejects.toMatchObject({ code: 'interrupted', mayHaveRun: true });
    await settle();
    expect([clock.waiting, pool.open, wires[0]?.isCancelled]).toEqual([0, 0, true]);
    await expect(pool.exchange('prod', aRequest())).rejects.toMatchObject({ code: 'unavailable' });
  });
});
