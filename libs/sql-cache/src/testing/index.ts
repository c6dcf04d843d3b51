/** An embedded cache that is gone with its test, for whoever builds on this room. */
export { openTemporaryCache, type TemporaryCache } from './temporary-cache.ts';
