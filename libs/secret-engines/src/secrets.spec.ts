import type { Clock } from '@fairlead/service-kit';
import type { SecretDocument } from './secret-document.ts';
import type { SecretEngine } from './secret-engine.ts';
import { SecretError } from './secret-error.ts';
import { Secrets } from './secrets.ts';

/** Time that a test moves; sleepers wake in its order. */
class FakeClock implements Clock {
  now = 1_000_000;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      this.#sleepers.push({ atMs: this.now + ms, wake });
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  }

  async pass(ms: number): Promise<void> {
    this.now += ms;
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.now);
    this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.now);
    for (const { wake } of due) wake();
    await settled();
  }
}

/** All promises that can settle have. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new FakeClock();
  const values = new Map<string, string>([
    ['a', 'one'],
    ['b', 'two'],
  ]);
  const state = { reads: [] as string[], error: undefined as SecretError | undefined };
  const troubles: string[] = [];
  const engine: SecretEngine = {
    read: ({ parameters: { p = '' } }): Promise<SecretDocument> => {
      state.reads.push(p);
      if (state.error !== undefined) return Promise.reject(state.error);
      return Promise.resolve({ kind: 'fields', fields: new Map(values) });
    },
  };
  const secrets = new Secrets({
    engines: new Map([['vault', engine]]),
    readFile: (path) => Promise.resolve(Buffer.from(`file ${path}`)),
    clock,
    random: { next: () => 0.5 },
    refreshIntervalMs: 60_000,
    onTrouble: ({ place, error }) => troubles.push(`${place}: ${error?.reason ?? 'mended'}`),
  });
  return { clock, secrets, state, values, troubles };
}

const at = (path: string, key: string, form = 'encrypted') =>
  `${form}:vault!e:kv!p:${path}!k:${key}`;
const away = new SecretError('unavailable', 'no answer');

describe(Secrets, () => {
  it('leaves plain options as they are', async () => {
    const { secrets, state } = setUp();

    expect(await secrets.text('plain')).toBe('plain');
    expect(String(await secrets.content('/a/file'))).toBe('file /a/file');
    expect(state.reads).toEqual([]);
  });

  it('reads a document once for all of its keys', async () => {
    const { secrets, state } = setUp();

    const found = await Promise.all([
      secrets.text(at('x', 'a')),
      secrets.text(at('x', 'b')),
      secrets.content(at('x', 'a', 'encryptedFile')).then(String),
    ]);

    expect(found).toEqual(['one', 'two', 'one']);
    expect(state.reads).toEqual(['x']);
  });

  it('says which engine is not configured', async () => {
    const { secrets } = setUp();

    await expect(secrets.text('encrypted:k8s!n:a!k:b')).rejects.toThrow(
      'engine k8s, Secret a: the engine is not configured: see secrets.k8s',
    );
  });

  describe('while somebody follows', () => {
    it('reads again at the interval, and tells of changes alone', async () => {
      const { secrets, clock, state, values } = setUp();
      let changes = 0;
      const follow = await secrets.follow([at('x', 'a'), at('x', 'b'), 'plain'], () => changes++);
      await settled();
      expect([state.reads.length, changes]).toEqual([1, 1]);

      await clock.pass(60_000);
      expect([state.reads.length, changes]).toEqual([2, 1]);

      values.set('a', 'new');
      await clock.pass(60_000);
      expect([state.reads.length, changes]).toEqual([3, 2]);
      expect(String(secrets.known(at('x', 'a')))).toBe('new');

      await follow.close();
      await clock.pass(600_000);
      expect(state.reads).toHaveLength(3);
    });

    it('knows without asking what it has read', async () => {
      const { secrets, state } = setUp();

      expect(secrets.known(at('x', 'a'))).toBeUndefined();
      await secrets.follow([at('x', 'a')], () => undefined);
      await settled();

      expect(String(secrets.known(at('x', 'a')))).toBe('one');
      expect(secrets.known(at('x', 'none'))).toBeUndefined();
      expect(state.reads).toEqual(['x']);
    });

    it('tells of trouble and asks again after pauses that grow', async () => {
      const { secrets, clock, state, troubles } = setUp();
      let changes = 0;
      state.error = away;
      await secrets.follow([at('x', 'a')], () => changes++);
      await settled();

      expect(secrets.troubles().map(String)).toEqual([
        'SecretError: engine vault, path kv/x: no answer',
      ]);
      for (const [passMs, reads] of [
        [1_999, 1],
        [1, 2],
        [3_999, 2],
        [1, 3],
      ] as const) {
        await clock.pass(passMs);
        expect(state.reads).toHaveLength(reads);
      }

      state.error = undefined;
      await clock.pass(8_000);
      expect(changes).toBe(1);
      expect(secrets.troubles()).toEqual([]);
      expect(troubles).toEqual([
        'engine vault, path kv/x: no answer',
        'engine vault, path kv/x: mended',
      ]);
    });

    it('goes on for those who are left', async () => {
      const { secrets, clock, state } = setUp();
      const first = await secrets.follow([at('x', 'a')], () => undefined);
      await secrets.follow([at('x', 'b'), at('y', 'b')], () => undefined);
      await settled();
      await first.close();

      await clock.pass(60_000);

      expect(state.reads.sort()).toEqual(['x', 'x', 'y', 'y']);
    });
  });

  describe('before a program starts', () => {
    const options = { limitMs: 10_000, signal: new AbortController().signal };

    it('waits until everything can be read', async () => {
      const { secrets, clock, state } = setUp();
      state.error = away;
      let isReady = false;
      const waiting = secrets
        .waitFor(['plain', at('x', 'a')], options)
        .then(() => (isReady = true));
      await settled();
      state.error = undefined;
      await clock.pass(1_000);
      expect(isReady).toBe(false);

      await clock.pass(1_000);

      expect(await waiting).toBe(true);
    });

    it('gives up with the reason when the time is over', async () => {
      const { secrets, clock, state } = setUp();
      state.error = away;
      const waiting = secrets.waitFor([at('x', 'a')], options);
      const outcome = expect(waiting).rejects.toThrow('engine vault, path kv/x: no answer');
      await settled();
      for (let step = 0; step < 20; step += 1) await clock.pass(500);

      await outcome;
    });
  });
});
