/** What a request's path names in a Kubernetes API. Pure. */
/** A resource, an object of it, or a part of an object. */
export interface ResourcePath {
    /** API group, `''` for core. */
    readonly group: string;
    readonly version: string;
    /** Plural resource name. */
    readonly resource: string;
    /** `undefined`: all namespaces, or the resource has none. */
    readonly namespace: string | undefined;
    /** `undefined`: all objects. */
    readonly name: string | undefined;
    /** `log`, `scale`, `proxy/...`; `''`: the object itself. */
    readonly subresource: string;
}
/** Reads a path without its query; `undefined` for one that names no resource. */
export declare function readResourcePath(path: string): ResourcePath | undefined;
//# sourceMappingURL=resource-path.d.ts.map