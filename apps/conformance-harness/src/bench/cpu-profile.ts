/** Reads what `node --cpu-prof` wrote: where a process spent its time between two moments. Pure. */

/** A moment by the machine's monotonic clock in microseconds, the clock of profiles and `hrtime`. */
export type MonotonicMicros = number;

/** The part of V8's format that is used here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** When the first sample's wait began. */
  readonly startTime: MonotonicMicros;
  /** Node ids, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A function as it was called from one place. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0; -1 for native code. */
    readonly lineNumber: number;
  };
}

/** Where time went. */
export interface TimeShare {
  /** A room, a library, a module of Node, or a function with its place. */
  readonly name: string;
  readonly milliseconds: number;
}

/** Time of a part of a profile, without idle time. */
export interface ProfileSummary {
  readonly busyMilliseconds: number;
  /** By room, the largest first. */
  readonly rooms: readonly TimeShare[];
  /** By function, the largest first. */
  readonly functions: readonly TimeShare[];
}

/** Self time between two moments. */
export function summarizeProfile(
  profile: CpuProfile,
  window: { readonly from: MonotonicMicros; readonly to: MonotonicMicros },
): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const rooms = new Map<string, number>();
  const functions = new Map<string, number>();
  let at = profile.startTime;
  for (const [index, delta] of profile.timeDeltas.entries()) {
    at += delta;
    const frame = frames.get(profile.samples[index] ?? -1);
    if (at < window.from || at > window.to || frame === undefined) continue;
    if (frame.functionName === '(idle)') continue;
    const room = roomOf(frame);
    rooms.set(room, (rooms.get(room) ?? 0) + delta);
    const name = functionOf(frame);
    functions.set(name, (functions.get(name) ?? 0) + delta);
  }
  const busy = [...rooms.values()].reduce((sum, micros) => sum + micros, 0);
  return {
    busyMilliseconds: busy / 1_000,
    rooms: sharesOf(rooms),
    functions: sharesOf(functions),
  };
}

type Frame = ProfileNode['callFrame'];

/** Who the time of a frame belongs to. */
export function roomOf({ functionName, url }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'native code';
  if (url.startsWith('wasm:')) return 'scanner (WASM)';
  if (url.startsWith('node:')) return url;
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (library !== undefined) return library;
  const room = /\/((?:libs|apps)\/[^/]+)\//.exec(url)?.[1];
  if (room !== undefined) return room;
  return url === '' ? `native ${functionName}` : url;
}

function functionOf(frame: Frame): string {
  const { functionName, url, lineNumber } = frame;
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('node:') ? url : url.slice(url.lastIndexOf('/') + 1);
  return `${name}  ${file}:${String(lineNumber + 1)}`;
}

function sharesOf(micros: ReadonlyMap<string, number>): readonly TimeShare[] {
  return [...micros]
    .map(([name, value]) => ({ name, milliseconds: value / 1_000 }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
