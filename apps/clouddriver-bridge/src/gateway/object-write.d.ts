/** Which object a request changes, and whether its answer shows it. Pure. */
import { type ApiRequest } from '@fairlead/api-tunnel';
/** A request that changes one object. */
export interface ObjectWrite {
    readonly method: string;
    /** API group, `''` for core. */
    readonly group: string;
    readonly version: string;
    /** Plural resource name. */
    readonly resource: string;
    /** `''` for a cluster-scoped object. */
    readonly namespace: string;
    /** `''` if only the answer tells. */
    readonly name: string;
    /** The answer is the object as it is now, if it is one and in plain JSON. */
    readonly isAnswered: boolean;
}
/** Reads a request; `undefined` if it changes no single object. */
export declare function objectWriteOf(request: Pick<ApiRequest, 'method' | 'target'>): ObjectWrite | undefined;
//# sourceMappingURL=object-write.d.ts.map