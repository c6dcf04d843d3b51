/** Whether a look over all accounts tells something of one that the machine does not know. */
import { type AccountState } from './account-state.ts';
import { type StoredHead } from './registry-store.ts';

/**
 * Whether the account must be read. `head` is undefined if the store has no such account. Heads may
 * be a little old: only reading, in turn with the store's other steps, decides.
 */
export function isNews(state: AccountState, head: StoredHead | undefined): boolean {
  switch (state.kind) {
    case 'unclaimed':
      return head !== undefined;
    case 'feeding':
      return head?.epoch !== state.epoch;
    case 'elsewhere':
      return head?.epoch !== state.epoch || head.heldBy !== 'another' || head.begun !== state.begun;
    case 'disconnected':
      return head?.epoch !== state.epoch || head.heldBy !== 'nobody' || head.begun !== 'nothing';
    case 'claiming':
    case 'abandoning':
    case 'removing':
    case 'moving':
      return false;
  }
}
