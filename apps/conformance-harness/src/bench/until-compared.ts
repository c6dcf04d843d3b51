/** Waits until a bridge has compared an account with its cluster: what follows a sync is over then. */

interface ShownFeed {
  readonly resource: string;
  readonly state: string;
  /** `null` if this process of the bridge has not compared it yet. */
  readonly verifiedAt: string | null;
}

/** The question counts the account's rows: it is asked seldom. */
const pauseMs = 1_000;
/** A bridge compares each feed within a minute after it has begun. */
const timeoutMs = 180_000;
/** What was committed or sent last has passed by then. */
const settleMs = 5_000;

/** Resolves when every feed that watches has been compared, and a little later. */
export async function untilCompared(bridgeUrl: string, account: string): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let missing: readonly ShownFeed[] = [];
  while (performance.now() < deadline) {
    const response = await fetch(`${bridgeUrl}/api/v1/accounts/${account}/feeds?limit=500`);
    const { items } = (await response.json()) as { readonly items?: readonly ShownFeed[] };
    const watching = (items ?? []).filter(({ state }) => state === 'watching');
    missing = watching.filter(({ verifiedAt }) => verifiedAt === null);
    if (watching.length > 0 && missing.length === 0) {
      await pause(settleMs);
      return;
    }
    await pause(pauseMs);
  }
  const feeds = missing.map(({ resource }) => resource).join(', ');
  throw new Error(`${feeds} of ${account} were not compared within ${String(timeoutMs)} ms`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
