/** Waits for an account's initial sync and times it. */

interface ShownAccount {
  readonly state: string;
  readonly objects: number;
}

/** Asking costs the bridge about a millisecond of what is measured. */
const pauseMs = 100;
/** Until it begins, so that nothing of it goes unmeasured. */
const pauseBeforeMs = 10;
const timeoutMs = 600_000;

/** Seconds from the moment the bridge shows the account as syncing until it shows it as synced. */
export async function untilSynced(
  bridgeUrl: string,
  account: string,
): Promise<{ readonly seconds: number; readonly objects: number }> {
  const deadline = performance.now() + timeoutMs;
  let startedAt: number | undefined;
  while (performance.now() < deadline) {
    const shown = await readAccount(bridgeUrl, account);
    if (shown !== undefined && shown.state !== 'connecting') startedAt ??= performance.now();
    if (shown?.state === 'synced' && startedAt !== undefined) {
      return { seconds: (performance.now() - startedAt) / 1_000, objects: shown.objects };
    }
    await new Promise((resolve) =>
      setTimeout(resolve, startedAt === undefined ? pauseBeforeMs : pauseMs),
    );
  }
  throw new Error(`account ${account} was not in sync within ${String(timeoutMs)} ms`);
}

async function readAccount(bridgeUrl: string, account: string): Promise<ShownAccount | undefined> {
  const response = await fetch(`${bridgeUrl}/api/v1/accounts/${account}`);
  return response.ok ? ((await response.json()) as ShownAccount) : undefined;
}
