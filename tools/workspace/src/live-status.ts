/** The one-line status of `npm start`: read from the bridge's own API and metrics, nothing else. */

/** What one look at the bridge shows. */
export interface LiveStatus {
  readonly accounts: number;
  readonly synced: number;
  readonly objects: number;
  /** Deltas committed since the bridge started. */
  readonly committed: number;
  /** Worst lag of any account, in ms. */
  readonly lagMs: number;
}

interface AccountsPage {
  readonly items: readonly {
    readonly state: string;
    readonly objects: number;
    readonly lagMs: number | null;
  }[];
}

/** Reads the status; undefined while the bridge does not answer yet. */
export async function readLiveStatus(bridgeUrl: string): Promise<LiveStatus | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const [page, metrics] = await Promise.all([
      fetch(`${bridgeUrl}/api/v1/accounts?limit=500`, { signal }).then(
        (response) => response.json() as Promise<AccountsPage>,
      ),
      fetch(`${bridgeUrl}/metrics`, { signal }).then((response) => response.text()),
    ]);
    return {
      accounts: page.items.length,
      synced: page.items.filter((account) => account.state === 'synced').length,
      objects: page.items.reduce((sum, account) => sum + account.objects, 0),
      committed: sumOfMetric(metrics, 'fairlead_bridge_deltas_committed_total'),
      lagMs: Math.max(0, ...page.items.map((account) => account.lagMs ?? 0)),
    };
  } catch {
    // Not listening yet, or busy: the next look tells.
    return undefined;
  }
}

/** Sums a metric over its labels in Prometheus' text format. */
export function sumOfMetric(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Formats one status against the one before it. */
export function formatLiveStatus(
  now: LiveStatus,
  before: LiveStatus | undefined,
  seconds: number,
): string {
  const rate = before === undefined ? 0 : (now.committed - before.committed) / seconds;
  return [
    `accounts ${now.synced}/${now.accounts} synced`,
    `objects ${now.objects}`,
    `events/s ${rate.toFixed(0)}`,
    `lag ${now.lagMs} ms`,
  ].join('   ');
}
