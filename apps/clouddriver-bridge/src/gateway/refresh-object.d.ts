import { z } from 'zod';
import { type OpenedFeed } from '../account-feeds.ts';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { type ApiLayer } from './find-api.ts';
/** Where the layer listens. */
export declare const refreshTarget = "/fairlead.v1/refresh";
/** What is asked for. */
export declare const refreshRequest: z.ZodObject<{
    kind: z.ZodString;
    namespace: z.ZodDefault<z.ZodString>;
    name: z.ZodString;
}, z.core.$strict>;
/** What came of it. */
export interface RefreshAnswer {
    /** Clouddriver's spelling. */
    readonly kind: string;
    /** Id of the row. */
    readonly id: string;
    /** Of the object, or at which there is none. */
    readonly resourceVersion: string;
    /** Whether the cluster has it. */
    readonly found: boolean;
    /** From the question to the commit. */
    readonly elapsedMs: number;
}
/** What is used of an account's writer. */
export interface RefreshWriter {
    /** The open feeds. */
    feeds(): readonly OpenedFeed[];
    /** Writes what was found ahead of its feed. */
    writeAhead(found: AheadObject): Promise<AheadFate>;
}
/** What the layer works with. */
export interface RefreshDeps {
    /** Who writes an account's rows here, if anybody does. */
    readonly writerOf: (account: string) => RefreshWriter | undefined;
    /** Time. */
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
}
/** Makes the layer. */
export declare function refreshLayer(deps: RefreshDeps): ApiLayer;
//# sourceMappingURL=refresh-object.d.ts.map