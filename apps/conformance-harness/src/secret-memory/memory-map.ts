/** What Linux says about a process's memory: `/proc/PID/maps`, read into ranges with a kind. Pure. */

/** What a range is for, as far as the kernel knows. */
export type MappingKind =
  /** `malloc`'s own, arenas of other threads too: OpenSSL's records, nghttp2, small Buffers. */
  | 'malloc heap'
  /** The main thread's stack. */
  | 'stack'
  /** V8's heap, larger Buffers and WASM memory, and stacks of other threads. */
  | 'anonymous'
  /** Programs and libraries. */
  | 'file';

/** A range of addresses that can be read. */
export interface Mapping {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly kind: MappingKind;
}

/** `7f00-7f10 rw-p 00000000 00:00 0   [heap]` */
const linePattern = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+\s*(.*)$/;
/**
 * An arena of another thread than the main one begins at a multiple of so many bytes and reserves as
 * many (glibc, malloc/arena.c, `HEAP_MAX_SIZE` on 64-bit machines). Every thread may use memory of it:
 * what one has freed there is given to whoever asks next.
 */
const arenaBytes = 64 * 2 ** 20;
/** The line that begins a range in `smaps`, readable or not. */
const headPattern = /^[0-9a-f]+-[0-9a-f]+ \S{4} \S+ \S+ \S+\s*(.*)$/;
const residentPattern = /^Rss:\s+(\d+) kB$/;
/** Served by the kernel itself; reading them fails. */
const kernelRanges = ['[vvar]', '[vvar_vclock]', '[vsyscall]', '[vdso]'];

/** Every range that can be read, in order. */
export function parseMemoryMap(text: string): readonly Mapping[] {
  const lines = text.split('\n').flatMap((line) => {
    const [, from, to, rights = '', name = ''] = linePattern.exec(line) ?? [];
    if (from === undefined || to === undefined) return [];
    return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), rights, name }];
  });
  return lines
    .filter(({ rights, name }) => rights.startsWith('r') && !kernelRanges.includes(name))
    .map((line) => {
      const { from, to, name } = line;
      return { from, to, kind: isArena(line, lines) ? 'malloc heap' : kindOf(name) };
    });
}

interface MapLine {
  readonly from: number;
  readonly to: number;
  readonly rights: string;
  readonly name: string;
}

/** What is in use of an arena comes first; what it has reserved cannot be accessed yet. */
function isArena({ from, to, name }: MapLine, lines: readonly MapLine[]): boolean {
  if (name !== '' || from % arenaBytes !== 0) return false;
  if (to === from + arenaBytes) return true;
  const rest = lines.find((line) => line.from === to);
  return rest?.rights === '---p' && rest.to === from + arenaBytes;
}

/** Resident bytes by kind, of the text of `/proc/PID/smaps`. */
export function residentBytes(text: string): Readonly<Record<MappingKind, number>> {
  const bytes = { 'malloc heap': 0, stack: 0, anonymous: 0, file: 0 };
  let kind: MappingKind = 'file';
  for (const line of text.split('\n')) {
    const [, name] = headPattern.exec(line) ?? [];
    if (name !== undefined) kind = kindOf(name);
    const [, kibibytes] = residentPattern.exec(line) ?? [];
    if (kibibytes !== undefined) bytes[kind] += Number(kibibytes) * 1024;
  }
  return bytes;
}

function kindOf(name: string): MappingKind {
  if (name === '[heap]') return 'malloc heap';
  if (name.startsWith('[stack')) return 'stack';
  return name === '' || name.startsWith('[anon') ? 'anonymous' : 'file';
}
