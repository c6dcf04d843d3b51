/** One contestant's run: warmed, then a list and a storm of changes, counted exactly. */
import { readProcessUsage } from '../bench/process-usage.ts';
import { readFile } from 'node:fs/promises';
import { type MonotonicMicros } from '../bench/cpu-profile.ts';
import { type ClusterServer } from './cluster-server.ts';
import { type ContestantKind } from './contestant.ts';
import { type Tally } from './delta-tally.ts';
import { residentBytes } from '../secret-memory/memory-map.ts';

/** The size of a run. */
export interface WatchRunSize {
  readonly objects: number;
  readonly events: number;
}

/** What came of it. */
export interface WatchRunResult {
  readonly listMicrosPerObject: number;
  /** `NaN` for a run without events. */
  readonly eventMicrosPerEvent: number;
  readonly peakRssMiB: number;
  /** What was resident at the end, by kind of mapping. */
  readonly resident: ReturnType<typeof residentBytes>;
  /** When the list began, when it was handed on, and when the last change was. */
  readonly moments: Readonly<Record<'begun' | 'listed' | 'ended', MonotonicMicros>>;
}

/** The fleet that every contestant follows first, until its code is compiled. */
export const warmUpFleet = 'warm-up';
/** The fleet that is measured, unless told otherwise. */
export const measuredFleet = 'measured';
/** Enough for V8 to optimise what runs for each object. */
export const warmUpSize: WatchRunSize = { objects: 5_000, events: 10_000 };
/** Objects that may be served besides: a client may ask where the server is by a list of one. */
export const mostProbes = 4;
/** A change that comes twice comes within this time. */
const settleMs = 300;

/**
 * Runs a contestant once.
 *
 * @throws Error when what it handed on is not exactly what was served
 */
export async function runWatch(
  kind: ContestantKind,
  server: ClusterServer,
  size: WatchRunSize,
  fleetName: string = measuredFleet,
): Promise<WatchRunResult> {
  const [warmUp, fleet] = [server.fleet(warmUpFleet), server.fleet(fleetName)];
  await using contestant = await kind.start([warmUp, fleet]);
  const cpuSeconds = async () => (await readProcessUsage(contestant.pid)).cpuSeconds;

  await contestant.follow(warmUp);
  check(kind, await contestant.until({ objects: warmUpSize.objects, events: 0 }));
  await server.pump(warmUpFleet, warmUpSize.events);
  check(kind, await contestant.until(warmUpSize));
  await contestant.leave();

  const servedBefore = await server.served(fleetName);
  const begun = nowMicros();
  const atStart = await cpuSeconds();
  await contestant.follow(fleet);
  check(kind, await contestant.until({ objects: size.objects, events: 0 }));
  const listed = nowMicros();
  const atList = await cpuSeconds();
  if (size.events > 0) await server.pump(fleetName, size.events);
  check(kind, await contestant.until(size));
  const ended = nowMicros();
  const atEnd = await cpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const { peakRssBytes } = await readProcessUsage(contestant.pid);
  const smaps = await readFile(`/proc/${String(contestant.pid)}/smaps`, 'utf8');
  const tally = await contestant.until({ objects: 0, events: 0 });
  const served = await server.served(fleetName);
  checkExact(kind, tally, {
    objects: served.objectsServed - servedBefore.objectsServed,
    events: served.eventsServed - servedBefore.eventsServed,
    resourceVersion: size.events > 0 ? served.resourceVersion : '',
    size,
  });
  return {
    listMicrosPerObject: ((atList - atStart) * 1e6) / size.objects,
    eventMicrosPerEvent: ((atEnd - atList) * 1e6) / size.events,
    peakRssMiB: peakRssBytes / 2 ** 20,
    resident: residentBytes(smaps),
    moments: { begun, listed, ended },
  };
}

function nowMicros(): MonotonicMicros {
  return Number(process.hrtime.bigint() / 1_000n);
}

function check(kind: ContestantKind, { faults }: Tally): void {
  if (faults.length > 0) throw new Error(`${kind.name}: ${faults.join('; ')}`);
}

function checkExact(
  kind: ContestantKind,
  tally: Tally,
  served: {
    readonly objects: number;
    readonly events: number;
    readonly resourceVersion: string;
    readonly size: WatchRunSize;
  },
): void {
  check(kind, tally);
  const isExact =
    tally.objects === served.size.objects &&
    tally.events === served.events &&
    served.objects >= served.size.objects &&
    served.objects <= served.size.objects + mostProbes &&
    served.events === served.size.events &&
    tally.resourceVersion === served.resourceVersion;
  if (isExact) return;
  const { size, ...given } = served;
  throw new Error(
    `${kind.name}: not what was served: ${JSON.stringify({ tally, served: given, asked: size })}`,
  );
}
