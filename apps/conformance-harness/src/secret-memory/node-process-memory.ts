/** Reads all memory of a process of one's own that can be read, and searches it. Linux only. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { type Mapping, type MappingKind, parseMemoryMap } from './memory-map.ts';
import { type Needle, NeedleSearch } from './needle-search.ts';

/** What was found in one process. */
export interface MemoryFindings {
  readonly scannedBytes: number;
  /** Ranges that went away, or that the kernel does not let anybody read. */
  readonly unreadBytes: number;
  /** Hits by needle and kind of mapping. */
  readonly hits: readonly MemoryHits[];
}

/** Hits of one needle in one kind of mapping. */
export interface MemoryHits {
  readonly needle: string;
  readonly kind: MappingKind;
  readonly count: number;
  /** What stands around the first of them; only where it was asked for, since it holds secrets. */
  readonly contexts: readonly string[];
}

/** How to search. */
export interface SearchOptions {
  readonly needles: readonly Needle[];
  /** Bytes to keep around hits, for people who ask what they are in. @defaultValue 0 */
  readonly contextBytes?: number;
}

const windowBytes = 4 * 2 ** 20;
const maxContexts = 40;

/** Searches every mapping that can be read; the process may run or be stopped. */
export async function searchProcessMemory(
  pid: number,
  options: SearchOptions,
): Promise<MemoryFindings> {
  const folder = `/proc/${String(pid)}`;
  const mappings = parseMemoryMap(await readFile(`${folder}/maps`, 'utf8'));
  const memory = await open(`${folder}/mem`, 'r');
  const found = new Map<string, { readonly hits: MemoryHits; count: number; contexts: string[] }>();
  let scannedBytes = 0;
  let unreadBytes = 0;
  try {
    for (const mapping of mappings) {
      const search = new NeedleSearch(options.needles);
      for await (const window of windowsOf(memory, mapping)) {
        if (window === 'unreadable') {
          unreadBytes += Math.min(windowBytes, mapping.to - mapping.from);
          continue;
        }
        scannedBytes += window.byteLength;
        for (const { needle, at } of search.push(window)) {
          const key = `${needle} ${mapping.kind}`;
          const hits = { needle, kind: mapping.kind, count: 0, contexts: [] };
          const entry = found.get(key) ?? { hits, count: 0, contexts: [] };
          found.set(key, entry);
          entry.count += 1;
          if (options.contextBytes !== undefined && entry.contexts.length < maxContexts) {
            const near = await contextAt(memory, mapping.from + at, options.contextBytes);
            entry.contexts.push(`${mapping.from.toString(16)}+${at.toString(16)}: ${near}`);
          }
        }
      }
    }
  } finally {
    await memory.close();
  }
  const hits = [...found.values()].map(({ hits, count, contexts }) => ({
    ...hits,
    count,
    contexts,
  }));
  return { scannedBytes, unreadBytes, hits };
}

async function* windowsOf(
  memory: FileHandle,
  { from, to }: Mapping,
): AsyncGenerator<Buffer | 'unreadable'> {
  for (let at = from; at < to; at += windowBytes) {
    const length = Math.min(windowBytes, to - at);
    try {
      const { buffer, bytesRead } = await memory.read(Buffer.allocUnsafe(length), 0, length, at);
      yield buffer.subarray(0, bytesRead);
    } catch {
      // The range went away meanwhile, or is a device's: it is counted as not read.
      yield 'unreadable';
    }
  }
}

async function contextAt(memory: FileHandle, at: number, bytes: number): Promise<string> {
  const start = Math.max(0, at - bytes);
  const { buffer, bytesRead } = await memory.read(Buffer.alloc(bytes * 3), 0, bytes * 3, start);
  return buffer.toString('latin1', 0, bytesRead).replaceAll(/[^\x20-\x7e]+/g, '·');
}
