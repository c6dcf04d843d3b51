/** What tests of this room, and of those that use it, are made with. */
export { RecordingSink } from './recording-sink.ts';
export type { RecordedFeed, SeenObject } from './recording-sink.ts';
