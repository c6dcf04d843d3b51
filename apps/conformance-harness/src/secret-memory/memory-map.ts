/** What Linux says about a process's memory: `/proc/PID/maps`, read into ranges with a kind. Pure. */

/** What a range is for, as far as the kernel knows. */
export type MappingKind =
  /** `malloc`'s own: OpenSSL's records, the HTTP parser, small Buffers of native code. */
  | 'malloc heap'
  /** The main thread's stack. */
  | 'stack'
  /** V8's heap, larger Buffers and WASM memory, stacks and `malloc` arenas of other threads. */
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
const linePattern = /^([0-9a-f]+)-([0-9a-f]+) (r)\S{3} \S+ \S+ \S+\s*(.*)$/;
/** The line that begins a range in `smaps`, readable or not. */
const headPattern = /^[0-9a-f]+-[0-9a-f]+ \S{4} \S+ \S+ \S+\s*(.*)$/;
const residentPattern = /^Rss:\s+(\d+) kB$/;
/** Served by the kernel itself; reading them fails. */
const kernelRanges = ['[vvar]', '[vvar_vclock]', '[vsyscall]', '[vdso]'];

/** Every range that can be read, in order. */
export function parseMemoryMap(text: string): readonly Mapping[] {
  return text.split('\n').flatMap((line) => {
    const [, from, to, , name = ''] = linePattern.exec(line) ?? [];
    if (from === undefined || to === undefined || kernelRanges.includes(name)) return [];
    return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), kind: kindOf(name) }];
  });
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
