/** Wakes one who waits for any of several things, now or as soon as it begins to wait. */
export declare class Alarm {
    #private;
    /** Something has happened. */
    ring(): void;
    /** Resolves when something has happened since it resolved last; for one who waits at a time. */
    rung(): Promise<void>;
}
//# sourceMappingURL=alarm.d.ts.map