/** One token and what it stands for. */
export interface TokenRule<T> {
    /** The token itself, or */
    readonly token?: string | undefined;
    /** the file that holds it; white space around it is cut off. */
    readonly tokenFile?: string | undefined;
    /** What the token stands for. */
    readonly value: T;
}
/** Reads a token file as text. */
export type ReadTokenFile = (path: string) => Promise<string>;
/** Looks tokens up. Files are read at every look-up: links are opened seldom, files rotate. */
export declare class BearerTokens<T> {
    #private;
    constructor(rules: readonly TokenRule<T>[], readFile: ReadTokenFile);
    /**
     * What the token stands for. A file that cannot be read matches nothing; all rules are compared,
     * digest with digest, so that time tells nothing about them.
     */
    find(token: string): Promise<T | undefined>;
}
//# sourceMappingURL=bearer-tokens.d.ts.map