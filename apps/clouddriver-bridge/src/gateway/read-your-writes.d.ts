import { type OpenFeed } from '@fairlead/protocol';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { type ApiLayer } from './find-api.ts';
/** What is used of an account's writer. */
export interface AheadWriter {
    /** The open feed that brings objects of a resource type in a namespace. */
    feedOf(of: Pick<AheadObject, 'group' | 'resource' | 'namespace'>): OpenFeed | undefined;
    /** Writes what was found ahead of its feed. */
    writeAhead(found: AheadObject): Promise<AheadFate>;
}
/** What the layer works with. */
export interface ReadYourWritesDeps {
    /** Who writes an account's rows here, if anybody does. */
    readonly writerOf: (account: string) => AheadWriter | undefined;
    /** Time. */
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Told what became of what a client has written. Must not throw. */
    readonly settled: (account: string, fate: AheadFate | 'unread') => void;
    /** Something has failed that should not. */
    readonly fault: (error: unknown) => void;
}
/** Makes the layer. */
export declare function readYourWrites(deps: ReadYourWritesDeps): ApiLayer;
//# sourceMappingURL=read-your-writes.d.ts.map