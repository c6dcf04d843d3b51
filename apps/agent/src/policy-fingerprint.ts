/**
 * What an agent cuts out of objects, as a few characters that are kept with every checkpoint: rows
 * that were made under another policy must be made anew, also if the agent was restarted meanwhile.
 */
import { hash } from 'node:crypto';
import type { ObjectPolicy } from '@fairlead/watch-engine';

/** To be raised when the scrubber itself cuts other things than before for the same policy. */
const scrubberGeneration = 1;

/** The same for the same policy, and never empty: 16 hexadecimal digits. */
export function policyFingerprint(policy: ObjectPolicy): string {
  return hash('sha256', JSON.stringify([scrubberGeneration, policy])).slice(0, 16);
}
