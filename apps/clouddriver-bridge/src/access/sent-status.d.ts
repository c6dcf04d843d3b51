/** The status that was sent, `undefined` if none was or it cannot be seen: it is not public. */
export declare function sentStatus(call: object): number | undefined;
//# sourceMappingURL=sent-status.d.ts.map