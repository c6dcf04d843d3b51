/** Routes of dead letters: what was put aside, and trying it again. */
import { type SqlCache, type StoredDeadLetter } from '@fairlead/sql-cache';
import type { FastifyInstance } from 'fastify';
import { type AccountDesk } from './account-desk.ts';
import { type ApiClient } from './access/api-client.ts';
import { decodePlace, encodePlace, readLetterQuery } from './api-query.ts';
import { type ReplayOutcome } from './dead-letter-replay.ts';
import { ApiError } from './problem-details.ts';

/** What the routes need. */
export interface DeadLetterRoutesDeps {
  /** The letters. */
  readonly letters: SqlCache['deadLetters'];
  /** Who feeds which account here. */
  readonly desk: Pick<AccountDesk, 'writer'>;
  /** Time. */
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Who calls. */
  clientOf(request: object): ApiClient;
}

/** A letter as the API shows it. */
export interface DeadLetterResource {
  readonly id: string;
  readonly account: string;
  /** Clouddriver's spelling. */
  readonly kind: string;
  /** API group of the feed. */
  readonly group: string;
  /** Plural resource name of the feed. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly operation: StoredDeadLetter['operation'];
  /** From a bounded set. */
  readonly reason: string;
  /** For people; `''` if the reason says it all. */
  readonly message: string;
  /** RFC 3339. */
  readonly firstSeenAt: string;
  /** RFC 3339. */
  readonly lastSeenAt: string;
  readonly attempts: number;
  /** Of the object. */
  readonly bytes: number;
  /** Whether there is what to try again. */
  readonly isReplayable: boolean;
}

/** Longer than any commit takes; whoever waits for a database that is away is told to come back. */
const replayPatienceMs = 20_000;

/** Adds the routes. */
export function addDeadLetterRoutes(app: FastifyInstance, deps: DeadLetterRoutesDeps): void {
  const { letters, desk } = deps;
  const clientOf = (request: object) => deps.clientOf(request);

  app.get('/api/v1/dead-letters', async (request) => {
    const client = clientOf(request);
    const { account, limit, continue: token } = readLetterQuery(request.query);
    const [from = '', afterId = ''] = token === undefined ? [] : decodePlace(token, 2);
    const page = await letters.list({
      ...(account === undefined ? {} : { account }),
      ...(token === undefined ? {} : { after: { account: from, id: afterId } }),
      limit,
    });
    const last = page.length < limit ? undefined : page.at(-1);
    const next = last && { continue: encodePlace([last.account, last.id]) };
    return { items: page.filter((letter) => client.mayRead(letter.account)).map(shown), ...next };
  });

  app.get<{ Params: { id: string } }>('/api/v1/dead-letters/:id', async (request) => {
    const letter = await letters.get(request.params.id);
    if (letter === undefined || !clientOf(request).mayRead(letter.account)) throw unknownLetter();
    return { ...shown(letter), object: letter.payload?.toString('base64') ?? null };
  });

  app.post<{ Params: { id: string } }>('/api/v1/dead-letters/:id/replay', async (request) => {
    const client = clientOf(request);
    const letter = await letters.get(request.params.id);
    if (letter === undefined || !client.mayRead(letter.account)) throw unknownLetter();
    const { account } = letter;
    if (!client.mayWrite(account)) throw new ApiError(403, `${client.name} may only read`);
    if (!isReplayable(letter)) {
      throw new ApiError(409, 'the object was not kept, so that there is nothing to try again');
    }
    const writer = desk.writer(account);
    if (writer === undefined) throw notFed(account);
    return answer(account, await inTime(writer.replay(letter), deps));
  });
}

/** What is told of an outcome; an account that is fed elsewhere is an error. */
function answer(account: string, outcome: ReplayOutcome): object {
  switch (outcome.kind) {
    case 'committed':
    case 'superseded':
      return { outcome: outcome.kind, reason: '', message: '' };
    case 'refused':
      return { outcome: outcome.kind, reason: outcome.reason, message: outcome.message };
    case 'noFeed':
      throw new ApiError(409, `no open feed of account ${account} brings such objects`);
    case 'stopped':
      throw notFed(account);
  }
}

async function inTime(
  outcome: Promise<ReplayOutcome>,
  { clock }: Pick<DeadLetterRoutesDeps, 'clock'>,
): Promise<ReplayOutcome> {
  const done = new AbortController();
  // Ends early only because the outcome is there.
  const patience = clock.sleep(replayPatienceMs, done.signal).catch(() => undefined);
  const first = await Promise.race([outcome, patience]);
  done.abort();
  if (first !== undefined) return first;
  throw new ApiError(503, 'it will be tried, but not yet: see whether the dead letter is gone');
}

function shown(letter: StoredDeadLetter): DeadLetterResource {
  const { id, account, feed, type: kind, namespace, name, uid, resourceVersion } = letter;
  const { operation, reason, message, firstSeenMs, lastSeenMs, attempts } = letter;
  const { group, resource } = feed;
  return {
    ...{ id, account, kind, group, resource, namespace, name, uid, resourceVersion },
    ...{ operation, reason, message },
    firstSeenAt: new Date(firstSeenMs).toISOString(),
    lastSeenAt: new Date(lastSeenMs).toISOString(),
    attempts,
    bytes: letter.payloadBytes,
    isReplayable: isReplayable(letter),
  };
}

function isReplayable({ hasPayload, operation }: StoredDeadLetter): boolean {
  return hasPayload || operation === 'delete';
}

function unknownLetter(): ApiError {
  return new ApiError(404, 'there is no such dead letter');
}

function notFed(account: string): ApiError {
  return new ApiError(503, `account ${account} is not fed over this bridge at the moment`);
}
