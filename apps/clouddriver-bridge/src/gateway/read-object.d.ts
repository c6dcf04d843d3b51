/**
 * Reads one object as its feed would: as a list of one name, whose answer says at which
 * resourceVersion it holds, also when there is no such object. A GET's 404 does not say that.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type AheadObject } from '../ahead-object.ts';
import { type ViewedFeed } from './found-object.ts';
/** Which object. */
export interface ObjectName {
    /** `''` for a cluster-scoped object. */
    readonly namespace: string;
    readonly name: string;
}
/** What a read has brought. */
export type ObjectReading = {
    readonly kind: 'read';
    readonly found: AheadObject;
    /** Whether the cluster has it, wherever it may go. */
    readonly isThere: boolean;
} | /** It is in a namespace that does not leave the cluster. */ {
    readonly kind: 'outside';
} | {
    readonly kind: 'failed';
    /** HTTP status of the answer; 502 for one that cannot be read. */
    readonly status: number;
    /** For people. */
    readonly message: string;
};
/** How it is read. */
export interface ReadVia {
    /** The way to the cluster. */
    readonly api: ApiHandler;
    /** In whose name. */
    readonly caller: string;
    readonly signal: AbortSignal;
}
/**
 * Reads one object of a feed's type.
 *
 * @throws ApiTunnelError when there is no answer
 */
export declare function readObject(feed: ViewedFeed, { namespace, name }: ObjectName, { api, caller, signal }: ReadVia): Promise<ObjectReading>;
//# sourceMappingURL=read-object.d.ts.map