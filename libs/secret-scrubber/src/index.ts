/**
 * The door of secret-scrubber: scanners that split list and watch bodies into objects and remove
 * secret values on the way.
 */
export { createAnswerFilter } from './answer-filter.ts';
export { checkFieldPath } from './field-path.ts';
export { createListScanner } from './list-scanner.ts';
export { ScrubberError } from './scrubber-error.ts';
export { secretValuesIn } from './secret-body.ts';
export { availableKernel } from './select-kernel.ts';
export { createWatchScanner } from './watch-scanner.ts';

export type { AnswerFilter, AnswerFilterOptions } from './answer-filter.ts';
export type { SecretBodyForm, SecretBodyValues } from './secret-body.ts';
export type { ScrubberErrorCode } from './scrubber-error.ts';
export type {
  KernelName,
  ListScanEvent,
  ObjectStretches,
  ScannedObject,
  Scanner,
  ScannerOptions,
  StatusEvent,
  UnscannableEvent,
  UnscannableReason,
  WatchScanEvent,
} from './scanner.ts';
