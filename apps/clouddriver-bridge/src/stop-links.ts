/** How a bridge takes leave of its agents when it stops. */
import { type AccountRegistry } from '@fairlead/account-registry';
import { type Clock, type HealthRegistry, type Random } from '@fairlead/service-kit';
import { type AccountDesk } from './account-desk.ts';
import { type Tunnels } from './gateway/tunnels.ts';
import { type RunningLinkServer } from './grpc-link-server.ts';

/** What is taken leave of, and with. */
export interface StopLinksDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly health: HealthRegistry;
  readonly desk: AccountDesk;
  readonly accounts: AccountRegistry;
  readonly links: RunningLinkServer;
  readonly tunnels: Pick<Tunnels, 'counts'>;
}

/** Parts of the 25 s that a process has to stop. */
const [drainMs, requestsMs, registryMs, linksMs] = [10_000, 3000, 2000, 3000];
/** How often it is seen whether requests are still being answered, in milliseconds. */
const requestsLookMs = 50;
/** Agents that are sent away come back spread over this time for each of them, up to a minute. */
const [returnFirstMs, returnPerLinkMs, returnMostMs] = [500, 20, 60_000];

/**
 * Takes no more batches, commits and acknowledges what is there, sends every agent away with a time
 * to come back. Nothing is decided about accounts on the way: the next bridge finds them as they are.
 */
export async function stopLinks(deps: StopLinksDeps): Promise<void> {
  const { clock, random, health, desk, accounts, links, tunnels } = deps;
  const reason = 'the bridge is stopping';
  health.set('stopping', { impact: 'readiness', isHealthy: false, reason });
  const sessions = desk.sessions();
  for (const session of sessions) session.send({ $case: 'drain', value: { deadlineMs: drainMs } });
  await withinMs(clock, desk.idle(), drainMs);
  await finishRequests(tunnels, clock);
  await withinMs(clock, accounts.close(), registryMs);
  desk.close();
  const spreadMs = Math.min(returnMostMs, sessions.length * returnPerLinkMs);
  for (const session of sessions) {
    session.reconnect(Math.round(returnFirstMs + random.next() * spreadMs), reason);
  }
  await links.stop(linksMs);
}

/** Requests that are being answered may end; watches and connections do not, and are not waited for. */
async function finishRequests(tunnels: Pick<Tunnels, 'counts'>, clock: Clock): Promise<void> {
  const untilMs = clock.nowMs() + requestsMs;
  const { signal } = new AbortController();
  while (tunnels.counts().busy > 0 && clock.nowMs() < untilMs) {
    await clock.sleep(requestsLookMs, signal);
  }
}

/** Waits for `work`, but no longer than `ms`. */
export async function withinMs(clock: Clock, work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController();
  const timeout = clock.sleep(ms, done.signal).catch(() => undefined); // Ended below.
  await Promise.race([work, timeout]);
  done.abort();
}
