/** Reads a Kubernetes Status: its code, reason and message, never the rest. */
import { MemberReader, decodeNumber, decodeString } from './member-reader.ts';
import type { Text } from './member-reader.ts';
import type { StatusEvent } from './scanner.ts';

/** Reads one Status after another. */
export class StatusReader {
  readonly #reader = new MemberReader();

  /** The event for the Status that starts at `text.start`; missing members are `''` and 0. */
  read<K extends 'status' | 'error'>(kind: K, text: Text): StatusEvent<K> {
    let code = 0;
    let reason = '';
    let message = '';
    for (const { key, start, end } of this.#reader.membersOf(text)) {
      if (key === 'code') code = decodeNumber(text.bytes, start, end) ?? 0;
      else if (key === 'reason') reason = decodeString(text.bytes, start, end) ?? '';
      else if (key === 'message') message = decodeString(text.bytes, start, end) ?? '';
    }
    return { kind, code, reason, message };
  }
}
