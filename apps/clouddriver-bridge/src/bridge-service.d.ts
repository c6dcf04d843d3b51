import { type BridgeDeps } from './bridge-base.ts';
export type { BridgeDeps } from './bridge-base.ts';
/** A bridge that takes links. */
export interface RunningBridge {
    /** Where agents connect to. */
    readonly grpcPort: number;
    /** Probes, metrics and API. */
    readonly httpPort: number;
}
/** Starts everything. Resolves when agents may connect, which waits for the database. */
export declare function startBridge(deps: BridgeDeps): Promise<RunningBridge>;
//# sourceMappingURL=bridge-service.d.ts.map