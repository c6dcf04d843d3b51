/**
 * V8's heap in an agent of many accounts. Each account lives on the heap with a quarter of a megabyte,
 * and V8 by default lets as much garbage come together as there is alive, or more.
 */
import { boundOldGeneration, boundYoungGeneration } from '@fairlead/service-kit';

/** From so many accounts on their state outweighs the program's own, some 30 MB. */
const manyAccounts = 50;
/** Garbage of the old generation, in percent of what is alive. */
const growthPercent = 50;
/**
 * Twice what the agent begins with (`main.ts`): half as many objects live long enough to be moved to the
 * old generation, which makes up for collecting that more often.
 */
const youngBytes = 8 * 1024 * 1024;

/** Where many clients ask at a time. */
const crowdBytes = 16 * 1024 * 1024;

/**
 * Requests make garbage faster than changes do: with the young generation that the agent begins with, a
 * quarter of the time went into collecting it. More than once does no harm.
 */
export function fitHeapToCrowd(): void {
  boundYoungGeneration(crowdBytes);
}

/**
 * To be called before so many accounts are started; more than once if their number changes.
 *
 * Measured with 300 accounts of 1,000 objects: 319 and 320 MiB of peak memory instead of 377 and 380, with
 * the same CPU time (18.1 s for the first lists and 15 s of changes).
 */
export function fitHeapToAccounts(accounts: number): void {
  if (accounts < manyAccounts) return;
  boundYoungGeneration(youngBytes);
  boundOldGeneration(growthPercent);
}
