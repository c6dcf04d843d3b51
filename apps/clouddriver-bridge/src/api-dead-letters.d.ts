/** Routes of dead letters: what was put aside, and trying it again. */
import { type SqlCache, type StoredDeadLetter } from '@fairlead/sql-cache';
import { type FastifyInstance } from 'fastify';
import { type AccountDesk } from './account-desk.ts';
import { type ApiClient } from './access/api-client.ts';
/** What the routes need. */
export interface DeadLetterRoutesDeps {
    /** The letters. */
    readonly letters: SqlCache['deadLetters'];
    /** Who feeds which account here. */
    readonly desk: Pick<AccountDesk, 'writer'>;
    /** Time. */
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
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
/** Adds the routes. */
export declare function addDeadLetterRoutes(app: FastifyInstance, deps: DeadLetterRoutesDeps): void;
//# sourceMappingURL=api-dead-letters.d.ts.map