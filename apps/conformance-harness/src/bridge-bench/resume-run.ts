/**
 * A bridge that ends and comes back while nothing changes in the cluster: how soon the account is in
 * sync again, and what that costs the database and the link.
 */
import { sumOf } from '../installation/prometheus-text.ts';
import { untilCompared } from '../bench/until-compared.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { type ProxiedInstallation } from './proxied-installation.ts';

/** What one restart came to. */
export interface ResumeRun {
  /** From a bridge that is ready and a link that is up until the account is in sync. */
  readonly seconds: number;
  /** The same from the start of the bridge's process: with the agent's wait before it calls again. */
  readonly secondsFromStart: number;
  /** Inserted, updated and deleted rows of the new process. */
  readonly rowsWritten: number;
  /** Rows that came again and were as they had been: 0 when nothing was listed again. */
  readonly rowsUnchanged: number;
  /**
   * On the link, both ways, from before the end of the old process until the new one has compared
   * every feed with the cluster, which it does within a minute.
   */
  readonly linkBytes: number;
}

/** What a restart looks like from outside, each with how it may be seen. */
interface Seen {
  readonly isReady: boolean;
  readonly isLinked: boolean;
  readonly isSynced: boolean;
}

/** What the three answers hold between them. */
interface Shown {
  readonly items?: readonly unknown[];
  readonly state?: string;
}

/** Three questions cost the bridge about a millisecond. */
const pauseMs = 20;
const timeoutMs = 120_000;

/** Ends the bridge by a signal and starts it again on the same ports and database. */
export async function runResume(
  installation: ProxiedInstallation,
  options: { readonly account: string; readonly signal: 'SIGTERM' | 'SIGKILL' },
): Promise<ResumeRun> {
  const { account, signal } = options;
  const { bridge } = installation;
  await untilSynced(bridge.url, account);
  await untilCompared(bridge.url, account);
  const bytesBefore = await installation.linkBytes();
  await bridge.program.kill(signal);
  const startedAt = performance.now();
  const [moments] = await Promise.all([
    untilResumed(() => look(bridge.url, account)),
    bridge.program.start(),
  ]);
  await untilCompared(bridge.url, account);
  const samples = await bridge.metrics();
  const rows = (...results: readonly string[]): number =>
    results.reduce(
      (sum, result) => sum + sumOf(samples, 'fairlead_bridge_rows_written_total', { result }),
      0,
    );
  return {
    seconds: (moments.synced - Math.max(moments.ready, moments.linked)) / 1_000,
    secondsFromStart: (moments.synced - startedAt) / 1_000,
    rowsWritten: rows('inserted', 'updated', 'deleted'),
    rowsUnchanged: rows('unchanged'),
    linkBytes: (await installation.linkBytes()) - bytesBefore,
  };
}

/**
 * Looks until all is seen. What begins the measured time counts from the last look that did not see
 * it, what ends it from the first that did: the error is never in the bridge's favour.
 */
async function untilResumed(
  lookOnce: () => Promise<Seen>,
): Promise<Readonly<Record<'ready' | 'linked' | 'synced', number>>> {
  const deadline = performance.now() + timeoutMs;
  let [ready, linked] = [performance.now(), performance.now()];
  while (performance.now() < deadline) {
    const askedAt = performance.now();
    const seen = await lookOnce();
    if (seen.isReady && seen.isLinked && seen.isSynced) {
      return { ready, linked, synced: performance.now() };
    }
    if (!seen.isReady) ready = askedAt;
    if (!seen.isLinked) linked = askedAt;
    await pause(pauseMs);
  }
  throw new Error(`the account was not in sync within ${String(timeoutMs)} ms`);
}

async function look(bridgeUrl: string, account: string): Promise<Seen> {
  const ask = async (path: string, found: (body: Shown) => boolean): Promise<boolean> => {
    try {
      const response = await fetch(`${bridgeUrl}${path}`);
      return response.ok && found((await response.json()) as Shown);
    } catch {
      // It does not listen yet.
      return false;
    }
  };
  const [isReady, isLinked, isSynced] = await Promise.all([
    ask('/readyz', () => true),
    ask('/api/v1/agents', ({ items = [] }) => items.length > 0),
    ask(`/api/v1/accounts/${account}`, ({ state }) => state === 'synced'),
  ]);
  return { isReady, isLinked, isSynced };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
