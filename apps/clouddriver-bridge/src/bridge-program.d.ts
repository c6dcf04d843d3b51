/** Runs the command line; settles with the exit code. */
export declare function runBridgeProgram(args: readonly string[]): Promise<number>;
//# sourceMappingURL=bridge-program.d.ts.map