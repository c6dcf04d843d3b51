/** Which cluster a name is to be moved to: the one that is offered and was rejected, or one by uid. */
import { type AccountFacts, type AccountState } from './account-state.ts';
import { factsOf } from './ask-store.ts';
import { isSameCluster } from './cluster-identity.ts';

/** Why a name cannot be moved. */
export type MoveRefusal =
  /** Nobody has or offers the name. */
  | 'unknown'
  /** The database is being asked, or rows are deleted: ask again. */
  | 'busy'
  /** No agent of this bridge offers another cluster, and no uid was given. */
  | 'noOffer'
  /** Several other clusters are offered: the uid must say which. */
  | 'ambiguous'
  /** The name means that cluster already. */
  | 'sameCluster';

/** The account as it is to be, or why not. */
export type MoveChoice =
  /** The name can be moved. */
  | {
      readonly kind: 'chosen';
      /** The account as it is. */
      readonly from: AccountFacts;
      /** The account as it is to be; its server may be `''` when only a uid was given. */
      readonly to: AccountFacts;
    }
  /** It cannot. */
  | { readonly kind: 'refused'; readonly why: MoveRefusal };

/** Chooses; `uid` is that of the new cluster's namespace kube-system. */
export function chooseMove(state: AccountState, uid: string | undefined): MoveChoice {
  if (state.kind === 'unclaimed') return refused('unknown');
  const isSettled = ['feeding', 'elsewhere', 'disconnected'].includes(state.kind);
  if (!isSettled) return refused('busy');
  const from = state.facts;
  if (uid !== undefined && uid === from.cluster.uid) return refused('sameCluster');
  const others = state.waiting
    .map(({ offer }) => offer)
    .filter((offer) => !isSameCluster(from, offer));
  const named = uid === undefined ? others : others.filter(({ cluster }) => cluster.uid === uid);
  const [first, ...more] = named;
  if (first === undefined) {
    return uid === undefined
      ? refused('noOffer')
      : { kind: 'chosen', from, to: awaited(from, uid) };
  }
  if (more.some((offer) => !isSameCluster(first, offer))) return refused('ambiguous');
  return { kind: 'chosen', from, to: factsOf(first) };
}

/** A cluster that nobody offers here yet. */
function awaited({ kinds, properties }: AccountFacts, uid: string): AccountFacts {
  const cluster = { server: '', certificateFingerprint: '', version: '', uid };
  return { agentId: '', instanceId: '', cluster, kinds, properties };
}

function refused(why: MoveRefusal): MoveChoice {
  return { kind: 'refused', why };
}
