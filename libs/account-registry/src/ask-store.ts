/** What the store is asked for: to make somebody the writer, and to delete rows. */
import {
  type AccountFacts,
  type AccountOffer,
  type Claiming,
  type Moving,
  type Removing,
  type WaitingOffer,
} from './account-state.ts';
import { step, without, type AccountStep } from './account-step.ts';
import { mergeClusterIdentity } from './cluster-identity.ts';

/** The claimant is to feed an account that is known, after the epoch of `from`. */
export function claimFrom(
  from: { facts: AccountFacts; epoch: number; waiting: readonly WaitingOffer[] },
  claimant: AccountOffer,
): AccountStep {
  const facts = mergedFacts(from.facts, claimant);
  return claim({ claimant, facts, expectedEpoch: from.epoch, waiting: from.waiting });
}

/** The claimant is to feed. */
export function claim(claiming: Omit<Claiming, 'kind'>): AccountStep {
  const { claimant: offer, expectedEpoch } = claiming;
  const facts = factsOf(claiming.facts);
  const waiting = without(claiming.waiting, offer.linkId);
  return step(
    { kind: 'claiming', ...claiming, facts, waiting },
    { kind: 'takeOver', offer, facts, expectedEpoch },
  );
}

/** All rows are to go, and the name with them. */
export function remove(from: Omit<Removing, 'kind'>): AccountStep {
  const { facts, epoch, waiting } = from;
  return step({ kind: 'removing', facts, epoch, waiting }, { kind: 'removeAccount', epoch });
}

/** All rows are to go, and the name is to mean `from.facts`. */
export function move(from: Omit<Moving, 'kind'>): AccountStep {
  const { facts, epoch, waiting } = from;
  return step({ kind: 'moving', facts, epoch, waiting }, { kind: 'moveAccount', epoch, to: facts });
}

/** The account alone, without what an offer or a stored account has beside it. */
export function factsOf(from: AccountFacts): AccountFacts {
  const { agentId, instanceId, cluster, kinds, properties } = from;
  return { agentId, instanceId, cluster, kinds, properties };
}

function mergedFacts(known: AccountFacts, offer: AccountOffer): AccountFacts {
  return { ...factsOf(offer), cluster: mergeClusterIdentity(known.cluster, offer.cluster) };
}
