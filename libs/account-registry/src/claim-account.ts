/** Asking the store to make somebody the writer, and saying no. */
import {
  type AccountFacts,
  type AccountOffer,
  type AccountState,
  type Claiming,
  type WaitingOffer,
} from './account-state.ts';
import { step, withWaiting, without, type AccountStep } from './account-step.ts';
import { mergeClusterIdentity } from './cluster-identity.ts';

/** The claimant is to feed an account that is known, after the epoch of `from`. */
export function claimFrom(
  from: { facts: AccountFacts; epoch: number; waiting: readonly WaitingOffer[] },
  claimant: AccountOffer,
): AccountStep {
  const facts = mergedFacts(from.facts, claimant);
  const waiting = without(from.waiting, claimant.linkId);
  return claim({ claimant, facts, expectedEpoch: from.epoch, attempt: 1, waiting });
}

/** The claimant is to feed. */
export function claim(claiming: Omit<Claiming, 'kind'>): AccountStep {
  const { claimant: offer, expectedEpoch } = claiming;
  const { agentId, cluster, kinds, properties } = claiming.facts;
  const facts: AccountFacts = { agentId, cluster, kinds, properties };
  return step(
    { kind: 'claiming', ...claiming, facts },
    { kind: 'takeOver', offer, facts, expectedEpoch },
  );
}

/** The name belongs to another cluster. */
export function reject(
  state: Exclude<AccountState, { kind: 'unclaimed' }>,
  offer: AccountOffer,
): AccountStep {
  const reason = `the name belongs to another cluster (${describe(state.facts)})`;
  return step(withWaiting(state, offer, 'rejected'), {
    kind: 'rejected',
    offer,
    code: 'otherCluster',
    reason,
  });
}

function describe(facts: AccountFacts): string {
  const { server, uid } = facts.cluster;
  return uid === '' ? server : `${server}, uid ${uid}`;
}

/** The account as it will be when `offer` feeds it. */
export function mergedFacts(known: AccountFacts, offer: AccountOffer): AccountFacts {
  const cluster = mergeClusterIdentity(known.cluster, offer.cluster);
  const { agentId, kinds, properties } = offer;
  return { agentId, cluster, kinds, properties };
}
