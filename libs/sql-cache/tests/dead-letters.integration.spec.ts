import { maxDeadLetterBytes, openSqlCache, type SqlCache } from '../src/index.ts';
import { aDeadLetter, feedAccount, podCheckpoint } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`dead letters on ${target.name}`, () => describeDeadLetters(target));
}

function describeDeadLetters(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;
  let nowMs = 1000;

  beforeAll(async () => {
    database = await target.create();
    const clock = { ...testClock, nowMs: () => nowMs };
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const lettersOf = (account: string) => cache.deadLetters.list({ account, limit: 1000 });

  it('keeps all that is needed to find the object and to try again', async () => {
    const account = await feedAccount(cache, 'kept');
    const payload = Buffer.from([0x7b, 0x00, 0xff, 0xfe, 0x7d]);
    const letter = aDeadLetter(account, { payload, message: 'why', operation: 'delete' });
    nowMs = 1_700_000_000_000;

    await cache.commit(account.unit({ deadLetters: { put: [letter], cleared: [] } }));

    const { payload: _, ...told } = letter;
    const stored = {
      ...told,
      ...{ firstSeenMs: nowMs, lastSeenMs: nowMs, attempts: 1, payloadBytes: 5, hasPayload: true },
    };
    expect(await lettersOf('kept')).toEqual([stored]);
    expect(await cache.deadLetters.get(letter.id)).toEqual({ ...stored, payload });
    expect(await cache.deadLetters.get('nothing')).toBeUndefined();
  });

  it('keeps one letter of a row, the newest, and counts', async () => {
    const account = await feedAccount(cache, 'again');
    nowMs = 5000;
    await cache.commit(account.unit({ deadLetters: { put: [aDeadLetter(account)], cleared: [] } }));
    nowMs = 9000;
    const newer = aDeadLetter(account, { resourceVersion: '8', reason: 'refused' });

    await cache.commit(account.unit({ deadLetters: { put: [newer], cleared: [newer.id] } }));

    expect(await lettersOf('again')).toMatchObject([
      { resourceVersion: '8', attempts: 2, firstSeenMs: 5000, lastSeenMs: 9000, reason: 'refused' },
    ]);
  });

  it('takes whatever stands in a name, and cuts what is too long for its column', async () => {
    const account = await feedAccount(cache, 'odd');
    const letter = aDeadLetter(account, {
      name: 'nul \0 half \ud800 😀',
      uid: 'u'.repeat(500),
      resourceVersion: 'r'.repeat(500),
      message: '\0'.repeat(5000),
    });

    await cache.commit(account.unit({ deadLetters: { put: [letter], cleared: [] } }));

    expect(await lettersOf('odd')).toMatchObject([
      { name: 'nul \u{fffd} half \u{fffd} 😀', uid: 'u'.repeat(255) },
    ]);
  });

  it('keeps no bytes of an object that has too many, and says how many it had', async () => {
    const account = await feedAccount(cache, 'large');
    const put = [maxDeadLetterBytes, maxDeadLetterBytes + 1, 0].map((bytes, at) =>
      aDeadLetter(account, { name: `${at}`, payload: Buffer.alloc(bytes, 'x') }),
    );

    await cache.commit(account.unit({ deadLetters: { put, cleared: [] } }));

    const stored = (await lettersOf('large')).map((letter) => [
      ...[letter.name, letter.payloadBytes, letter.hasPayload],
    ]);
    expect(stored.sort()).toEqual([
      ['0', maxDeadLetterBytes, true],
      ['1', maxDeadLetterBytes + 1, false],
      ['2', 0, false],
    ]);
  });

  it('is written with the unit or not at all', async () => {
    const older = await feedAccount(cache, 'late');
    await feedAccount(cache, 'late');
    const unit = older.unit({
      checkpoints: [podCheckpoint()],
      deadLetters: { put: [aDeadLetter(older)], cleared: [] },
    });

    await expect(cache.commit(unit)).rejects.toMatchObject({ code: 'fenced' });

    expect(await lettersOf('late')).toEqual([]);
  });

  it('lists in pages over all accounts, and counts by reason', async () => {
    const before = await cache.deadLetters.countByReason();
    for (const name of ['page-a', 'page-b']) {
      const account = await feedAccount(cache, name);
      const put = Array.from({ length: 5 }, (_, at) =>
        aDeadLetter(account, { name: `bad-${at}`, reason: 'paged' }),
      );
      await cache.commit(account.unit({ deadLetters: { put, cleared: [] } }));
    }

    const seen: string[] = [];
    let after: { account: string; id: string } | undefined;
    for (;;) {
      const page = await cache.deadLetters.list({ limit: 3, ...(after && { after }) });
      seen.push(...page.map(({ account, name }) => `${account}/${name}`));
      after = page.at(-1);
      if (page.length < 3) break;
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((each) => each.startsWith('page-')).sort()).toEqual(
      ['page-a', 'page-b'].flatMap((name) => [0, 1, 2, 3, 4].map((at) => `${name}/bad-${at}`)),
    );
    const counted = await cache.deadLetters.countByReason();
    expect(new Map([...counted].filter(([reason]) => !before.has(reason)))).toEqual(
      new Map([['paged', 10]]),
    );
  });

  it('clears what has become true, of its account alone', async () => {
    const [one, other] = [await feedAccount(cache, 'clear-1'), await feedAccount(cache, 'clear-2')];
    for (const account of [one, other]) {
      const put = ['a', 'b'].map((name) => aDeadLetter(account, { name }));
      await cache.commit(account.unit({ deadLetters: { put, cleared: [] } }));
    }

    const { id } = aDeadLetter(one, { name: 'a' });
    await cache.commit(one.unit({ deadLetters: { put: [], cleared: [id] } }));

    expect(await lettersOf('clear-1')).toMatchObject([{ name: 'b' }]);
    expect(await lettersOf('clear-2')).toHaveLength(2);
  });

  it('clears nothing of another account, whatever the ids', async () => {
    const [one, other] = [await feedAccount(cache, 'mine'), await feedAccount(cache, 'theirs')];
    const theirs = aDeadLetter(other);
    await cache.commit(other.unit({ deadLetters: { put: [theirs], cleared: [] } }));

    await cache.commit(one.unit({ deadLetters: { put: [], cleared: [theirs.id] } }));
    const foreign = one.unit({ deadLetters: { put: [theirs], cleared: [] } });

    await expect(cache.commit(foreign)).rejects.toMatchObject({ code: 'rejected' });
    expect(await lettersOf('theirs')).toMatchObject([{ attempts: 1 }]);
  });

  it('goes with its account, in chunks', async () => {
    const account = await feedAccount(cache, 'gone');
    const put = Array.from({ length: 25 }, (_, at) => aDeadLetter(account, { name: `${at}` }));
    await cache.commit(account.unit({ deadLetters: { put, cleared: [] } }));

    await cache.removeAccount({ name: 'gone', epoch: account.epoch, chunkRows: 10 });

    expect(await lettersOf('gone')).toEqual([]);
  });
}
