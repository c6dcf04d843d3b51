/**
 * One account's way from its configuration to its feeds: pure. `account-session.ts` performs the
 * effects. Two things must come together: the cluster says who it is, and a bridge says that this
 * agent feeds the account.
 *
 *   identifying -> unlinked -> registering -> feeding | standby | rejected
 *
 * A lost link leads back to `unlinked` from everywhere; the cluster is not asked again then.
 */
import type { AccountAccepted } from '@fairlead/protocol';
import type { ClusterIdentity } from '@fairlead/cluster-client';

/** What is true of an account. */
export type AccountState =
  /**
   * Credentials are being read and the cluster asked, or that failed and is tried again after a
   * pause. Out: `identified`. Failure: `attempt` grows, and the pause with it.
   */
  | {
      readonly kind: 'identifying';
      readonly hasLink: boolean;
      /** Failures in a row. */
      readonly attempt: number;
      /** Of the last failure, `''` before the first. */
      readonly reason: string;
    }
  /** The cluster is known; no link to a bridge. Out: `linkUp`. */
  | { readonly kind: 'unlinked'; readonly identity: ClusterIdentity }
  /** Offered to the bridge, no answer yet. Out: its answer. */
  | { readonly kind: 'registering'; readonly identity: ClusterIdentity }
  /** Another agent feeds it, or the bridge took it back. Out: the bridge's next word. */
  | {
      readonly kind: 'standby';
      readonly identity: ClusterIdentity;
      /** As the bridge says it. */
      readonly reason: string;
    }
  /** The bridge will not have it. Out: the bridge's next word, or a new offer after a long pause. */
  | {
      readonly kind: 'rejected';
      readonly identity: ClusterIdentity;
      /** As the bridge says it. */
      readonly reason: string;
      /** Rejections in a row. */
      readonly attempt: number;
    }
  /** Its feeds run under `epoch`. Out: the bridge's next word, or a failure of the watcher. */
  | { readonly kind: 'feeding'; readonly identity: ClusterIdentity; readonly epoch: number }
  /** No longer configured, or the agent stops. Nothing leads out. */
  | { readonly kind: 'stopped' };

/** What happens to an account. */
export type AccountInput =
  | { readonly kind: 'identified'; readonly identity: ClusterIdentity }
  | { readonly kind: 'identifyFailed'; readonly reason: string }
  | { readonly kind: 'retryDue' }
  | { readonly kind: 'linkUp' }
  | { readonly kind: 'linkDown' }
  | { readonly kind: 'accepted'; readonly answer: AccountAccepted }
  | { readonly kind: 'standby'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'revoked'; readonly epoch: number; readonly reason: string }
  | { readonly kind: 'watchFailed'; readonly reason: string }
  | { readonly kind: 'stop'; readonly reason: string };

/** What is to be done, in order. */
export type AccountEffect =
  /** Read the credentials and ask the cluster; answers `identified` or `identifyFailed`. */
  | { readonly kind: 'identify' }
  /** Answer `retryDue` after a pause that grows with `attempt`; replaces an earlier pause. */
  | {
      readonly kind: 'retryLater';
      readonly pace: 'cluster' | 'rejection';
      readonly attempt: number;
    }
  /** Forget a pause. */
  | { readonly kind: 'cancelRetry' }
  /** Offer the account on the link. */
  | { readonly kind: 'register'; readonly identity: ClusterIdentity }
  /** Take it back. */
  | { readonly kind: 'unregister'; readonly reason: string }
  /** Start its feeds; never while others of this account run. */
  | {
      readonly kind: 'startFeeding';
      readonly identity: ClusterIdentity;
      readonly answer: AccountAccepted;
    }
  /** Stop them; unsent deltas are dropped: the checkpoints in SQL stand before them. */
  | { readonly kind: 'stopFeeding' };

/** A state and what to do on the way to it. */
export interface AccountStep {
  readonly state: AccountState;
  readonly effects: readonly AccountEffect[];
}

/** Where every account begins. */
export function beginAccount(hasLink: boolean): AccountStep {
  return {
    state: { kind: 'identifying', hasLink, attempt: 0, reason: '' },
    effects: [{ kind: 'identify' }],
  };
}

/** One step. Total: an input that means nothing in a state leaves it as it is. */
export function stepAccount(state: AccountState, input: AccountInput): AccountStep {
  if (state.kind === 'stopped') return { state, effects: [] };
  if (input.kind === 'stop') return stopped(state, input.reason);
  switch (state.kind) {
    case 'identifying':
      return whileIdentifying(state, input);
    case 'unlinked':
      return input.kind === 'linkUp' ? registering(state.identity) : stay(state);
    case 'registering':
    case 'standby':
    case 'rejected':
    case 'feeding':
      return whileOffered(state, input);
  }
}

type OfferedState = Extract<
  AccountState,
  { kind: 'registering' | 'standby' | 'rejected' | 'feeding' }
>;

function stay(state: AccountState): AccountStep {
  return { state, effects: [] };
}

function registering(identity: ClusterIdentity): AccountStep {
  return { state: { kind: 'registering', identity }, effects: [{ kind: 'register', identity }] };
}

function whileIdentifying(
  state: Extract<AccountState, { kind: 'identifying' }>,
  input: AccountInput,
): AccountStep {
  switch (input.kind) {
    case 'identified':
      if (state.hasLink) return registering(input.identity);
      return stay({ kind: 'unlinked', identity: input.identity });
    case 'identifyFailed': {
      const attempt = state.attempt + 1;
      return {
        state: { ...state, attempt, reason: input.reason },
        effects: [{ kind: 'retryLater', pace: 'cluster', attempt }],
      };
    }
    case 'retryDue':
      return { state, effects: [{ kind: 'identify' }] };
    case 'linkUp':
      return stay({ ...state, hasLink: true });
    case 'linkDown':
      return stay({ ...state, hasLink: false });
    default:
      return stay(state);
  }
}

function whileOffered(state: OfferedState, input: AccountInput): AccountStep {
  const { identity } = state;
  switch (input.kind) {
    case 'linkDown':
      return { state: { kind: 'unlinked', identity }, effects: leaving(state) };
    case 'accepted':
      return accepted(state, input.answer);
    case 'standby':
      return {
        state: { kind: 'standby', identity, reason: input.reason },
        effects: leaving(state),
      };
    case 'rejected': {
      const attempt = state.kind === 'rejected' ? state.attempt + 1 : 1;
      return {
        state: { kind: 'rejected', identity, reason: input.reason, attempt },
        effects: [...leaving(state), { kind: 'retryLater', pace: 'rejection', attempt }],
      };
    }
    case 'revoked': {
      if (state.kind !== 'feeding' || input.epoch < state.epoch) return stay(state);
      return {
        state: { kind: 'standby', identity, reason: input.reason },
        effects: leaving(state),
      };
    }
    case 'watchFailed':
      return state.kind === 'feeding' ? watchFailed(state, input.reason) : stay(state);
    default:
      return state.kind === 'rejected' ? whileRejected(state, input) : stay(state);
  }
}

function accepted(state: OfferedState, answer: AccountAccepted): AccountStep {
  if (state.kind === 'feeding' && answer.epoch <= state.epoch) return stay(state);
  const { identity } = state;
  return {
    state: { kind: 'feeding', identity, epoch: answer.epoch },
    effects: [...leaving(state), { kind: 'startFeeding', identity, answer }],
  };
}

/** Who the cluster is may have changed since the rejection, so it is asked before a new offer. */
function whileRejected(
  state: Extract<AccountState, { kind: 'rejected' }>,
  input: AccountInput,
): AccountStep {
  switch (input.kind) {
    case 'retryDue':
      return { state, effects: [{ kind: 'identify' }] };
    case 'identified':
      return {
        state: { ...state, identity: input.identity },
        effects: [{ kind: 'register', identity: input.identity }],
      };
    case 'identifyFailed': {
      const { attempt } = state;
      return { state, effects: [{ kind: 'retryLater', pace: 'rejection', attempt }] };
    }
    default:
      return stay(state);
  }
}

function watchFailed(
  state: Extract<AccountState, { kind: 'feeding' }>,
  reason: string,
): AccountStep {
  return {
    state: { kind: 'identifying', hasLink: true, attempt: 1, reason },
    effects: [
      ...leaving(state),
      { kind: 'unregister', reason },
      { kind: 'retryLater', pace: 'cluster', attempt: 1 },
    ],
  };
}

function stopped(state: AccountState, reason: string): AccountStep {
  const isOffered = state.kind !== 'identifying' && state.kind !== 'unlinked';
  return {
    state: { kind: 'stopped' },
    effects: [
      { kind: 'cancelRetry' },
      ...leaving(state),
      ...(isOffered ? [{ kind: 'unregister', reason } as const] : []),
    ],
  };
}

/** What a state has under way that must not outlive it. */
function leaving(state: AccountState): AccountEffect[] {
  if (state.kind === 'feeding') return [{ kind: 'stopFeeding' }];
  return state.kind === 'rejected' ? [{ kind: 'cancelRetry' }] : [];
}
