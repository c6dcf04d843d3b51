import { DocumentReader } from './document-reader.ts';
import type { SecretDocument } from './secret-document.ts';
import { SecretError } from './secret-error.ts';

const documentOf = (text: string): SecretDocument => ({
  kind: 'content',
  content: Buffer.from(text),
  keys: 'path',
});

function setUp() {
  const events: string[] = [];
  const source = {
    text: 'one',
    error: undefined as SecretError | undefined,
    maxAgeMs: undefined as number | undefined,
  };
  const time = { nowMs: 1_000_000 };
  let delayMs = 0;
  const reader = new DocumentReader({
    read: () => {
      events.push('read');
      if (source.error !== undefined) return Promise.reject(source.error);
      const { maxAgeMs } = source;
      return Promise.resolve({
        ...documentOf(source.text),
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      });
    },
    place: 'engine x',
    clock: { nowMs: () => time.nowMs },
    backoff: { nextDelayMs: () => (delayMs += 2_000), reset: () => void (delayMs = 0) },
    maxAgeMs: () => 60_000,
    onChange: () => events.push('changed'),
    onTrouble: (error) => events.push(error === undefined ? 'mended' : error.message),
  });
  const text = async (mode: 'cached' | 'fresh' = 'cached') => {
    const document = await reader.get(mode);
    return document.kind === 'content' ? document.content.toString() : '';
  };
  const eventsNow = () => events.splice(0);
  return { reader, source, time, text, eventsNow };
}

const away = new SecretError('unavailable', 'no answer');
const denied = new SecretError('denied', 'permission denied');

describe(DocumentReader, () => {
  it('reads once for all who ask until the interval is over', async () => {
    const { text, time, eventsNow } = setUp();

    await Promise.all([text(), text('fresh'), text()]);
    time.nowMs += 59_999;
    await text();

    expect(eventsNow()).toEqual(['read', 'changed']);

    time.nowMs += 1;
    await text();

    expect(eventsNow()).toEqual(['read']);
  });

  it('reads at once when it must be fresh, but not twice in a second', async () => {
    const { text, source, time, eventsNow } = setUp();
    await text();
    source.text = 'two';
    eventsNow();

    time.nowMs += 999;
    expect(await text('fresh')).toBe('one');
    time.nowMs += 1;
    expect(await text('fresh')).toBe('two');

    expect(eventsNow()).toEqual(['read', 'changed']);
  });

  it('reads again whenever somebody has seen it change, also while it is being read', async () => {
    const { reader, text, source, eventsNow } = setUp();
    const first = text();
    source.text = 'two';

    await reader.reread();
    await first;

    expect(eventsNow()).toEqual(['read', 'changed', 'read', 'changed']);
  });

  it('reads sooner when the engine wants it', async () => {
    const { text, source, time, eventsNow, reader } = setUp();
    source.maxAgeMs = 5_000;
    await text();

    expect(reader.dueMs).toBe(time.nowMs + 5_000);
    time.nowMs += 5_000;
    await text();

    expect(eventsNow()).toEqual(['read', 'changed', 'read']);
  });

  describe('while the engine is away', () => {
    it('goes on with what it had, tells once, and asks after a growing pause', async () => {
      const { text, source, time, eventsNow, reader } = setUp();
      await text();
      source.error = away;
      time.nowMs += 60_000;
      eventsNow();

      expect(await text()).toBe('one');
      expect(eventsNow()).toEqual(['read', 'engine x: no answer']);
      expect(reader.dueMs).toBe(time.nowMs + 2_000);
      expect(await text()).toBe('one');
      time.nowMs += 2_000;
      await text();
      expect(reader.dueMs).toBe(time.nowMs + 4_000);
      expect(eventsNow()).toEqual(['read']);

      source.error = undefined;
      expect(await text('fresh')).toBe('one');
      time.nowMs += 1_000;
      await text('fresh');
      expect(eventsNow()).toEqual(['read', 'mended', 'changed']);
    });

    it('has nothing before the first reading', async () => {
      const { text, source, reader } = setUp();
      source.error = away;

      await expect(text()).rejects.toThrow('engine x: no answer');
      expect(reader.known).toBeUndefined();
    });
  });

  describe('when the answer is that there is none', () => {
    it('gives nothing any more, at once', async () => {
      const { text, source, time, reader, eventsNow } = setUp();
      await text();
      source.error = denied;
      time.nowMs += 60_000;
      eventsNow();

      await expect(text()).rejects.toThrow(expect.objectContaining({ code: 'denied' }) as Error);
      await expect(text()).rejects.toThrow('engine x: permission denied');

      expect(reader.known).toBeUndefined();
      expect(reader.failure?.code).toBe('denied');
      expect(eventsNow()).toEqual(['read', 'engine x: permission denied']);
    });

    it('does not come back because the engine goes away then', async () => {
      const { text, source, time } = setUp();
      await text();
      source.error = denied;
      time.nowMs += 60_000;
      await text().catch(() => undefined);
      source.error = away;
      time.nowMs += 60_000;

      await expect(text()).rejects.toThrow('no answer');
    });

    it('tells when it is there again', async () => {
      const { text, source, time, eventsNow } = setUp();
      source.error = denied;
      await text().catch(() => undefined);
      source.error = undefined;
      time.nowMs += 60_000;
      eventsNow();

      expect(await text()).toBe('one');
      expect(eventsNow()).toEqual(['read', 'mended', 'changed']);
    });
  });
});
