/** Where things lie in the kernel's memory; positions in a text are counted from {@link WINDOW}. */

/** Changes with every number in this file; `src/member-kernel.ts` refuses a module of another one. */
export const LAYOUT: i32 = 1;

/** Bytes of a wanted name: its number of characters, and the characters. */
export const NAME_BYTES: i32 = 64;
/** Names that can be wanted. */
export const NAME_LIMIT: i32 = 32;
/** The wanted names, those of one level side by side. */
export const NAMES: usize = memory.data(2048, 16);
/** Levels: the object's own members, those of its metadata, those of its annotations. */
export const LEVELS: i32 = 3;
/** Of each level, the first of its names; behind the last level, the number of all names. */
export const FIRSTS: usize = memory.data(16, 16);

/** Of each wanted name: start and end of its value, and 1 if that is a string of plain ASCII. */
export const PLACE_BYTES: i32 = 12;
export const PLACES: usize = memory.data(384, 16);

/** The closing bracket of whatever stands around an open one; deeper texts are not looked at. */
export const MAX_DEPTH: i32 = 512;
export const STACK: usize = memory.data(512, 16);

/** Vectors of one byte over and over: V8 puts a constant vector together wherever it is used. */
export const SPACES: usize = memory.data<u64>([0x2020202020202020, 0x2020202020202020], 16);
export const BACKSLASHES: usize = memory.data<u64>([0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c], 16);
export const QUOTES: usize = memory.data<u64>([0x2222222222222222, 0x2222222222222222], 16);

/** The text, a zero byte, and room for a look of 16 bytes; above all that the compiler places. */
export const WINDOW: usize = 16384;
