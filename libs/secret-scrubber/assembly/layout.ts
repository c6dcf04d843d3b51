/**
 * Where things lie in the kernel's memory, and the numbers shared with `src/kernel.ts`, which
 * explains each of them. Positions are counted from the start of the window everywhere.
 */

/**
 * Changes with every number in this file; `src/wasm-kernel.ts` refuses a module of another layout,
 * which a checkout has whose kernel was not compiled anew.
 */
export const LAYOUT: i32 = 2;

/** Result slots, one i32 each; filled up to whole vectors. */
export const FIELD_COUNT: i32 = 28;
export const FIELDS: usize = memory.data(112, 16);
/** What a batch reports about itself: see `src/kernel.ts`. */
export const BATCH: usize = memory.data(20, 16);
/** One row per object of a batch, 16 numbers of i32 each. */
export const ROW_LIMIT: i32 = 256;
export const ROW_BYTES: usize = 64;
export const ROWS: usize = memory.data(16384, 16);
/** Type of the feed: kind, API version, and both as the head of an object. */
export const TYPE_BYTES: i32 = 512;
export const TYPE: usize = memory.data(512, 16);
/** Where an escaped key is written out before it is compared. */
export const SCRATCH_BYTES: i32 = 64;
export const SCRATCH: usize = memory.data(64, 16);
/** One byte per open bracket of a skipped value: 1 object, 0 array. */
export const MAX_DEPTH: i32 = 10000;
export const STACK: usize = memory.data(10000, 16);
/**
 * Above all that the compiler places, which `generate.mjs` checks: a constant can be part of each
 * load instruction. The objects of a batch as they leave, one after another.
 */
export const OUT: usize = 32768;
export const OUT_BYTES: i32 = 131072;
/** The bytes to be scanned, followed by a zero byte and at least 64 bytes of room. */
export const WINDOW: usize = 163840;

export const OTHER: i32 = -1;
export const END: i32 = 0;
export const PLAIN: i32 = 1;
export const API_VERSION: i32 = 2;
export const KIND: i32 = 4;
export const NAME: i32 = 6;
export const NAMESPACE: i32 = 8;
export const UID: i32 = 10;
export const RESOURCE_VERSION: i32 = 12;
export const ANNOTATIONS: i32 = 14;
export const MANAGED_FIELDS: i32 = 16;
export const LAST_APPLIED: i32 = 18;
export const DATA: i32 = 20;
export const STRING_DATA: i32 = 22;
export const VALUES: i32 = 24;
export const METADATA: i32 = 26;

/** How strictly values are checked that are passed over. */
export const STRICT: i32 = 0;
export const OUTLINE: i32 = 1;
export const LINE_OUTLINE: i32 = 2;

export const COMPLETE: i32 = 0;
export const INCOMPLETE: i32 = 1;
export const MALFORMED: i32 = 2;
export const TOO_DEEP: i32 = 3;
export const DUPLICATE_KEY: i32 = 4;
export const INVALID_UTF8: i32 = 5;
export const BAD_IDENTITY: i32 = 6;

/**
 * Vectors of one byte over and over. They are loaded, since V8 puts a constant vector together anew
 * wherever it is used, which was measured to take a third of the whole scan.
 */
export const SPACES: usize = memory.data<u64>([0x2020202020202020, 0x2020202020202020], 16);
export const BACKSLASHES: usize = memory.data<u64>([0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c], 16);
export const QUOTES: usize = memory.data<u64>([0x2222222222222222, 0x2222222222222222], 16);
export const OPEN_BRACES: usize = memory.data<u64>([0x7b7b7b7b7b7b7b7b, 0x7b7b7b7b7b7b7b7b], 16);
export const CLOSE_BRACES: usize = memory.data<u64>([0x7d7d7d7d7d7d7d7d, 0x7d7d7d7d7d7d7d7d], 16);

/** Numbers of a row; a span is two. */
export const ROW_RESOURCE_VERSION: i32 = 0;
export const ROW_NAMESPACE: i32 = 2;
export const ROW_NAME: i32 = 4;
export const ROW_UID: i32 = 6;
export const ROW_OBJECT: i32 = 8;
export const ROW_PLAIN: i32 = 10;
export const ROW_CHANGE: i32 = 11;
export const ROW_ANNOTATIONS: i32 = 12;
export const ROW_SCRUBBED_VALUES: i32 = 14;
