/**
 * One comparison of a feed's rows with its cluster, while the feed goes on: pure, without I/O. Rows
 * are read, deltas come meanwhile, and the cluster answers with the digest of what it held at one
 * resourceVersion; what is compared is what the rows held, or will hold, at exactly that one.
 */
import {
  digestBucketsFor,
  VersionDigest,
  type FeedDigest,
  type VersionHash,
} from '@fairlead/protocol';
import { isAfter } from './resource-order.ts';
import { RowVersions, type RowState } from './row-versions.ts';
import { type ScannedRow } from './scan-versions.ts';

/** What has come of it so far. */
export type AuditVerdict =
  | /** The cluster has not answered, or not everything before its answer is here. */ {
      readonly kind: 'open';
    }
  | /** Rows and cluster hold the same. */ { readonly kind: 'equal' }
  | /** They do not. */ {
      readonly kind: 'different';
      /** What differs and how, so that the same difference is known again. */
      readonly signature: string;
      /** False while deltas may be on their way that explain it. */
      readonly isFinal: boolean;
    }
  | /** It cannot be told this time. */ { readonly kind: 'failed'; readonly reason: string };

/** A delta's effect on the digest. */
interface Change {
  readonly resourceVersion: string;
  readonly before: RowState;
  readonly after: RowState;
}

type Phase =
  | /** Rows are being read. */ { readonly kind: 'scanning' }
  | /** The cluster is asked; what changes since may have to be taken back. */ {
      readonly kind: 'asked';
      readonly ours: VersionDigest;
      readonly changes: Change[];
    }
  | Comparing
  | { readonly kind: 'failed'; readonly reason: string };

/** The cluster has answered. */
interface Comparing {
  readonly kind: 'comparing';
  readonly ours: VersionDigest;
  readonly theirs: VersionDigest;
  /** resourceVersion of the answer. */
  readonly at: string;
  /** Nothing that comes can concern what was before the answer. */
  isFinal: boolean;
}

/** A feed that changes so often between question and answer is looked at another time. */
const maxChanges = 100_000;

/** One comparison. */
export class FeedAudit {
  readonly #rows = new RowVersions();
  readonly #answered = Promise.withResolvers<undefined>();
  readonly #settled = Promise.withResolvers<undefined>();
  #phase: Phase = { kind: 'scanning' };
  #isDisturbed = false;

  /** Resolves when the cluster has answered, or nothing can come of it any more. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /**
   * Resolves when there is a verdict that no delta on its way is needed for: both are equal, or the
   * feed has got past the cluster's answer, or a row is not what was written, or it has failed.
   */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Whether nothing can come of it any more. */
  get isFailed(): boolean {
    return this.#phase.kind === 'failed';
  }

  /** Rows as they were read. */
  read(rows: readonly ScannedRow[]): void {
    for (const { id, state } of rows) this.#rows.read(id, state);
  }

  /** All rows were read; answers into how many buckets the cluster is to sort its objects. */
  scanned(): number {
    const buckets = digestBucketsFor(this.#rows.count('sound'));
    const ours = new VersionDigest(buckets);
    for (const version of this.#rows.versions()) ours.add(version);
    if (this.#phase.kind === 'scanning') this.#phase = { kind: 'asked', ours, changes: [] };
    return buckets;
  }

  /** A row holds an object in another version from now on; none where `version` is missing. */
  changed(id: string, resourceVersion: string, version?: VersionHash): void {
    const after: RowState = version === undefined ? { kind: 'absent' } : { kind: 'sound', version };
    const before = this.#rows.get(id);
    this.#rows.change(id, after);
    this.#reached({ resourceVersion, before, after });
  }

  /** The feed has got to a resourceVersion without a change. */
  passed(resourceVersion: string): void {
    const phase = this.#phase;
    if (phase.kind !== 'comparing') return;
    if (!isAfter(phase.at, resourceVersion)) phase.isFinal = true;
    this.#settle(phase);
  }

  /** The cluster's answer. */
  answer({ sums, resourceVersion: at, failure }: FeedDigest): void {
    const phase = this.#phase;
    if (phase.kind !== 'asked') return;
    if (failure !== '') {
      this.fail(failure);
      return;
    }
    const theirs = VersionDigest.decode(sums);
    if (theirs.buckets !== phase.ours.buckets) {
      this.fail(`${theirs.buckets} buckets instead of ${phase.ours.buckets}`);
      return;
    }
    const later = phase.changes.filter((change) => isAfter(change.resourceVersion, at));
    for (const { before, after } of later) apply(phase.ours, { before: after, after: before });
    const isFinal = later.length > 0;
    const comparing: Comparing = { kind: 'comparing', ours: phase.ours, theirs, at, isFinal };
    this.#phase = comparing;
    this.#answered.resolve(undefined);
    if (this.#rows.count('unsound') > 0) this.#settled.resolve(undefined);
    this.#settle(comparing);
  }

  /**
   * Rows are ahead of the feed, or were: what deltas have said no longer tells what the rows held at
   * one moment, so that a difference means nothing.
   */
  disturb(): void {
    this.#isDisturbed = true;
  }

  /** Nothing will come of it. */
  fail(reason: string): void {
    if (this.#phase.kind !== 'failed') this.#phase = { kind: 'failed', reason };
    this.#answered.resolve(undefined);
    this.#settled.resolve(undefined);
  }

  /** What has come of it so far. */
  verdict(): AuditVerdict {
    const phase = this.#phase;
    if (phase.kind === 'failed') return phase;
    if (phase.kind !== 'comparing') return { kind: 'open' };
    const { ours, theirs, isFinal } = phase;
    const buckets = ours.differences(theirs);
    const unsound = this.#rows.count('unsound');
    if (buckets.length + unsound === 0) return { kind: 'equal' };
    if (this.#isDisturbed) return { kind: 'failed', reason: 'rows were written ahead of the feed' };
    const parts = buckets.map((at) => `${at}:${ours.sumOf(at)}:${theirs.sumOf(at)}`);
    return { kind: 'different', signature: [unsound, ...parts].join(' '), isFinal };
  }

  #reached(change: Change): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'scanning':
      case 'failed':
        return;
      case 'asked':
        apply(phase.ours, change);
        phase.changes.push(change);
        if (phase.changes.length > maxChanges) this.fail('too many changes');
        return;
      case 'comparing':
        if (isAfter(change.resourceVersion, phase.at)) phase.isFinal = true;
        if (!phase.isFinal) apply(phase.ours, change);
        this.#settle(phase);
    }
  }

  /** While rows are not what was written there is no waiting anyway. */
  #settle({ ours, theirs, isFinal }: Comparing): void {
    if (isFinal || ours.differences(theirs).length === 0) this.#settled.resolve(undefined);
  }
}

function apply(
  digest: VersionDigest,
  { before, after }: { readonly before: RowState; readonly after: RowState },
): void {
  if (before.kind === 'sound') digest.remove(before.version);
  if (after.kind === 'sound') digest.add(after.version);
}
