import { hashObjectVersion, VersionDigest } from '@fairlead/protocol';
import fc from 'fast-check';
import { FeedAudit } from './feed-audit.ts';
import { type ScannedRow } from './scan-versions.ts';

const versionOf = (name: string, resourceVersion: string) =>
  hashObjectVersion({ namespace: 'ns', name, uid: `uid-${name}`, resourceVersion });

const aRow = (name: string, resourceVersion: string): ScannedRow => ({
  id: name,
  state: { kind: 'sound', version: versionOf(name, resourceVersion) },
});

const anAnswer = (
  objects: Iterable<readonly [string, string]>,
  at: string,
  buckets = 1,
): Parameters<FeedAudit['answer']>[0] => {
  const digest = new VersionDigest(buckets);
  let count = 0;
  for (const [name, resourceVersion] of objects) {
    digest.add(versionOf(name, resourceVersion));
    count += 1;
  }
  const sums = digest.encode();
  return { feedId: 1, resourceVersion: at, objects: count, sums, failure: '' };
};

describe(FeedAudit, () => {
  it('is equal when rows and cluster hold the same', () => {
    const audit = new FeedAudit();
    audit.read([aRow('a', '1'), aRow('b', '2')]);
    const buckets = audit.scanned();
    const before = audit.verdict();

    audit.answer(
      anAnswer(
        [
          ['b', '2'],
          ['a', '1'],
        ],
        '5',
        buckets,
      ),
    );

    expect(before.kind).toBe('open');
    expect(audit.verdict()).toEqual({ kind: 'equal' });
  });

  it.each([
    ['a missing row', [aRow('a', '1')]],
    ['an extra row', [aRow('a', '1'), aRow('b', '2'), aRow('c', '3')]],
    ['a row in another version', [aRow('a', '1'), aRow('b', '3')]],
    [
      'an extra row that is not sound',
      [aRow('a', '1'), aRow('b', '2'), { id: 'c', state: { kind: 'unsound' } } as const],
    ],
  ])('is different with %s', (_what, rows) => {
    const audit = new FeedAudit();
    audit.read(rows);
    const buckets = audit.scanned();
    audit.answer(
      anAnswer(
        [
          ['a', '1'],
          ['b', '2'],
        ],
        '5',
        buckets,
      ),
    );

    expect(audit.verdict()).toMatchObject({ kind: 'different', isFinal: false });
    audit.passed('5');
    expect(audit.verdict()).toMatchObject({ kind: 'different', isFinal: true });
  });

  it('waits for deltas that are behind the answer', () => {
    const audit = new FeedAudit();
    audit.read([aRow('a', '1')]);
    audit.scanned();
    audit.answer(anAnswer([['a', '4']], '5'));
    const early = audit.verdict();

    audit.changed('a', '4', versionOf('a', '4'));

    expect(early).toMatchObject({ kind: 'different', isFinal: false });
    expect(audit.verdict()).toEqual({ kind: 'equal' });
  });

  it('takes back what came before the answer and is newer', () => {
    const audit = new FeedAudit();
    audit.read([aRow('a', '1'), aRow('b', '2')]);
    const buckets = audit.scanned();
    audit.changed('a', '6', versionOf('a', '6'));
    audit.changed('b', '7');
    audit.changed('c', '8', versionOf('c', '8'));

    audit.answer(
      anAnswer(
        [
          ['a', '1'],
          ['b', '2'],
        ],
        '5',
        buckets,
      ),
    );

    expect(audit.verdict()).toEqual({ kind: 'equal' });
  });

  it('believes deltas more than rows that were read later', () => {
    const audit = new FeedAudit();
    audit.changed('a', '4', versionOf('a', '4'));
    audit.changed('b', '5');
    audit.read([aRow('a', '1'), aRow('b', '2')]);
    audit.scanned();

    audit.answer(anAnswer([['a', '4']], '9'));

    expect(audit.verdict()).toEqual({ kind: 'equal' });
  });

  it('tells the same difference by the same signature', () => {
    const signatureOf = (rows: ScannedRow[]) => {
      const audit = new FeedAudit();
      audit.read(rows);
      audit.scanned();
      audit.answer(anAnswer([['a', '1']], '5'));
      const verdict = audit.verdict();
      return verdict.kind === 'different' ? verdict.signature : '';
    };

    expect(signatureOf([])).toBe(signatureOf([]));
    expect(signatureOf([])).not.toBe(signatureOf([aRow('b', '1')]));
  });

  it.each([
    ['the cluster says why not', { ...anAnswer([], '5'), failure: 'HTTP 403' }, 'HTTP 403'],
    ['it has other buckets', anAnswer([], '5', 4), '4 buckets instead of 1'],
  ])('fails when %s', async (_what, answer, reason) => {
    const audit = new FeedAudit();
    audit.scanned();

    audit.answer(answer);
    await audit.answered;

    expect(audit.verdict()).toEqual({ kind: 'failed', reason });
  });

  it('finds what was done to the rows and nothing else, however deltas and readings interleave', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ what: fc.nat(9), name: fc.nat(11) }), { maxLength: 80 }),
        fc.option(fc.record({ how: fc.constantFrom('delete', 'age', 'add'), name: fc.nat(11) })),
        (steps, tampering) => {
          const world = new World();
          for (const { name } of steps.slice(0, 10)) world.change(name, true);
          world.deliverAll();
          const isTampered = tampering !== null && world.tamper(tampering.how, tampering.name);
          world.audit = new FeedAudit();
          for (const { what, name } of steps) world.step(what, name);
          const verdict = world.conclude();

          // A delta may have mended it on the way.
          if (verdict.kind === 'different') expect(isTampered).toBe(true);
          if (!isTampered) expect(verdict).toEqual({ kind: 'equal' });
          if (isTampered && !world.isMended) expect(verdict.kind).toBe('different');
        },
      ),
      { numRuns: 2000, seed: 27 },
    );
  });
});

/** A cluster, its deltas on the way, rows, and a comparison in the middle of it. */
class World {
  audit = new FeedAudit();
  /** A delta has touched the row that was tampered with. */
  isMended = false;
  readonly #cluster = new Map<string, string>();
  readonly #rows = new Map<string, string>();
  readonly #onTheWay: { name: string; resourceVersion: string; isThere: boolean }[] = [];
  #version = 100;
  #phase: 'scanning' | 'asked' | 'answered' = 'scanning';
  #scannedTo = '';
  #buckets = 1;
  #tampered = '';

  step(what: number, index: number): void {
    if (what < 3) this.change(index, true);
    else if (what === 3) this.change(index, false);
    else if (what < 7) this.#deliver();
    else if (what === 7) this.#bookmark();
    else this.#proceed();
  }

  change(index: number, isThere: boolean): void {
    const name = `n${index}`;
    if (!isThere && !this.#cluster.has(name)) return;
    this.#version += 1;
    const resourceVersion = String(this.#version);
    if (isThere) this.#cluster.set(name, resourceVersion);
    else this.#cluster.delete(name);
    this.#onTheWay.push({ name, resourceVersion, isThere });
  }

  deliverAll(): void {
    while (this.#onTheWay.length > 0) this.#deliver();
  }

  tamper(how: string, index: number): boolean {
    const name = how === 'add' ? `ghost${index}` : `n${index}`;
    if (how !== 'add' && !this.#rows.has(name)) return false;
    this.#tampered = name;
    if (how === 'delete') this.#rows.delete(name);
    else this.#rows.set(name, '1');
    return true;
  }

  conclude(): ReturnType<FeedAudit['verdict']> {
    while (this.#phase !== 'answered') this.#proceed();
    this.deliverAll();
    this.#bookmark();
    return this.audit.verdict();
  }

  #deliver(): void {
    const delta = this.#onTheWay.shift();
    if (delta === undefined) return;
    const { name, resourceVersion, isThere } = delta;
    // Mended only where the comparison is of a time after it: see `conclude`.
    if (name === this.#tampered) this.isMended = true;
    if (isThere) this.#rows.set(name, resourceVersion);
    else this.#rows.delete(name);
    const version = isThere ? versionOf(name, resourceVersion) : undefined;
    this.audit.changed(name, resourceVersion, version);
  }

  #bookmark(): void {
    if (this.#onTheWay.length === 0) this.audit.passed(String(this.#version));
  }

  /** The next page of two rows; then the question; then the answer. */
  #proceed(): void {
    if (this.#phase === 'scanning') {
      const names = [...this.#rows.keys()].sort().filter((name) => name > this.#scannedTo);
      const page = names.slice(0, 2);
      this.audit.read(page.map((name) => aRow(name, this.#rows.get(name) ?? '')));
      this.#scannedTo = page.at(-1) ?? '';
      if (page.length > 0) return;
      this.#buckets = this.audit.scanned();
      this.#phase = 'asked';
    } else if (this.#phase === 'asked') {
      this.audit.answer(anAnswer(this.#cluster, String(this.#version), this.#buckets));
      this.#phase = 'answered';
    }
  }
}
