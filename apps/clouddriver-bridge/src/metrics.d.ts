import { Counter, Histogram, type Registry } from 'prom-client';
/** All metrics of a bridge. */
export type BridgeMetrics = ReturnType<typeof createBridgeMetrics>;
/** Registers everything. */
export declare function createBridgeMetrics(registry: Registry): {
    latency: Histogram<string>;
    sqlSeconds: Histogram<"statement">;
    gatewaySeconds: Histogram<string>;
    dropped: Counter<string>;
    committed: Counter<string>;
    writtenAhead: Counter<"fate">;
    outdated: Counter<string>;
    rowsWritten: Counter<"result">;
    sqlRetries: Counter<"reason">;
    deadLettersNotKept: Counter<string>;
    fencedWrites: Counter<string>;
    repairedRows: Counter<"result">;
    verifications: Counter<"result">;
    discoveryAnswers: Counter<"result">;
    cacheReads: Counter<"code" | "verb">;
    gatewayRequests: Counter<"code">;
    refusedConnections: Counter<"reason" | "door">;
    refusedLinks: Counter<string>;
};
//# sourceMappingURL=metrics.d.ts.map