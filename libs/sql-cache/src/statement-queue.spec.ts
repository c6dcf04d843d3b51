import { StatementsInFlight, StatementsInTurn, unawaited } from './statement-queue.ts';

/** A statement that is answered when the test says so. */
function statement(log: string[], name: string) {
  const answer = Promise.withResolvers<string>();
  const run = () => {
    log.push(name);
    return answer.promise;
  };
  return { run, ...answer };
}

describe('StatementsInTurn', () => {
  it('begins a statement when the one before has succeeded', async () => {
    const log: string[] = [];
    const [first, second] = [statement(log, 'first'), statement(log, 'second')];
    const queue = new StatementsInTurn();
    const running = [queue.run(first.run), queue.run(second.run)];
    await Promise.resolve();
    expect(log).toEqual(['first']);
    first.resolve('1');
    second.resolve('2');
    expect(await Promise.all(running)).toEqual(['1', '2']);
    await queue.settled();
    expect(log).toEqual(['first', 'second']);
  });

  it('begins none after one that failed, though nobody looked', async () => {
    const log: string[] = [];
    const [first, second] = [statement(log, 'first'), statement(log, 'second')];
    const queue = new StatementsInTurn();
    void queue.run(first.run);
    void queue.run(second.run);
    first.reject(new Error('deadlock'));
    await expect(queue.settled()).rejects.toThrow('deadlock');
    expect(log).toEqual(['first']);
  });
});

describe('StatementsInFlight', () => {
  it('sends each at once', async () => {
    const log: string[] = [];
    const [first, second] = [statement(log, 'first'), statement(log, 'second')];
    const queue = new StatementsInFlight();
    void queue.run(first.run);
    void queue.run(second.run);
    expect(log).toEqual(['first', 'second']);
    second.resolve('2');
    first.resolve('1');
    await expect(queue.settled()).resolves.toBeUndefined();
  });

  it('tells of the first in order that failed, not of those that failed for its sake', async () => {
    const log: string[] = [];
    const [first, second] = [statement(log, 'first'), statement(log, 'second')];
    const queue = new StatementsInFlight();
    void queue.run(first.run);
    void unawaited(queue.run(second.run).then(() => undefined));
    second.reject(new Error('in a failed transaction'));
    first.reject(new Error('value too long'));
    await expect(queue.settled()).rejects.toThrow('value too long');
  });
});
