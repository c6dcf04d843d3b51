/** The database of the simulation: what is atomic there, and what must never be asked of it. */
import { type AccountFacts } from '../../src/account-state.ts';

/** The account's row. */
export interface SimRow {
  facts: AccountFacts;
  epoch: number;
  state: 'feeding' | 'disconnected' | 'removing' | 'moving' | 'removed';
  bridgeId: string;
  /** uids of the clusters that rows are of. */
  rows: Set<string>;
  lastCommittedAtMs: number;
}

/** One account's row and the beats of all bridges, with checks that no caller may fail. */
export class SimDatabase {
  row: SimRow | undefined;
  readonly beats = new Map<string, number>();
  /** Told of every removal that begins: by whom, of which epoch. */
  onRemoval: (bridgeId: string, epoch: number) => void = () => undefined;

  /** The row, unless it is removed. */
  get current(): SimRow | undefined {
    return this.row?.state === 'removed' ? undefined : this.row;
  }

  takeOver(facts: AccountFacts, bridgeId: string, expectedEpoch: number): number | undefined {
    const { row, current } = this;
    const isEmptied = current?.state === 'removing' || current?.state === 'moving';
    if (isEmptied || (current?.epoch ?? 0) !== expectedEpoch) return undefined;
    if (current !== undefined && current.facts.cluster.uid !== facts.cluster.uid) {
      throw new Error('a cluster has taken the name of another');
    }
    const epoch = (row?.epoch ?? 0) + 1;
    const rows = current?.rows ?? new Set<string>();
    const lastCommittedAtMs = current?.lastCommittedAtMs ?? 0;
    this.#write({ facts, epoch, state: 'feeding', bridgeId, rows, lastCommittedAtMs });
    return epoch;
  }

  recordDisconnected(epoch: number): void {
    const { current } = this;
    if (current?.epoch === epoch) this.#write({ ...current, state: 'disconnected' });
  }

  /** Gives the epoch of the deleting; `undefined` when somebody else was faster. */
  beginDeleting(request: {
    readonly epoch: number;
    readonly bridgeId: string;
    readonly to?: AccountFacts;
  }): number | undefined {
    const { epoch, bridgeId, to } = request;
    const { current } = this;
    const state = to === undefined ? 'removing' : 'moving';
    const isMine = current?.bridgeId === bridgeId && current.epoch === epoch + 1;
    if (isMine && current.state === state) return current.epoch;
    if (current?.epoch !== epoch) return undefined;
    if (to === undefined && current.state !== 'removing') this.onRemoval(bridgeId, epoch);
    this.#write({ ...current, facts: to ?? current.facts, epoch: epoch + 1, state, bridgeId });
    return epoch + 1;
  }

  deleteRows(epoch: number): boolean {
    if (this.row?.epoch !== epoch) return false;
    this.row.rows = new Set();
    return true;
  }

  finishDeleting(epoch: number, state: 'removed' | 'disconnected'): boolean {
    if (this.row?.epoch !== epoch) return false;
    this.#write({ ...this.row, state });
    return true;
  }

  /** What a commit does: `false` if it is fenced. */
  commit(epoch: number, cluster: string, nowMs: number): boolean {
    const { row } = this;
    if (row?.epoch !== epoch) return false;
    if (row.state === 'removing' || row.state === 'moving' || row.state === 'removed') {
      throw new Error(`a writer has the epoch of an account that is ${row.state}`);
    }
    row.rows.add(cluster);
    if (row.rows.size > 1) throw new Error(`rows of two clusters: ${[...row.rows].join(', ')}`);
    row.lastCommittedAtMs = nowMs;
    return true;
  }

  #write(row: SimRow): void {
    if (row.epoch < (this.row?.epoch ?? 0)) throw new Error('an epoch has fallen');
    this.row = row;
  }
}
