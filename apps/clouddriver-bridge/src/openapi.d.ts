/** The OpenAPI document of what this bridge serves. */
/** The document. */
export declare const openApiDocument: {
    openapi: string;
    info: {
        title: string;
        version: string;
    };
    components: {
        schemas: {
            Account: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Feed: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            CommittedEvent: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Agent: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Replica: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Move: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Cluster: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Refresh: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            StoredObject: {
                description: string;
                type: "object";
                required: string[];
                properties: object;
            };
            DeadLetter: {
                description: string;
                type: "object";
                required: string[];
                properties: object;
            };
            Replay: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
            Problem: {
                readonly type: "object";
                readonly required: string[];
                readonly properties: object;
            };
        };
        securitySchemes: {
            bearer: {
                type: string;
                scheme: string;
                description: string;
            };
            certificate: {
                type: string;
            };
        };
    };
    security: ({
        bearer: never[];
        certificate?: never;
    } | {
        certificate: never[];
        bearer?: never;
    } | {
        bearer?: never;
        certificate?: never;
    })[];
    paths: {
        '/api/v1/accounts': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/accounts/{name}': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/accounts/{name}/feeds': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/agents': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/replicas': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/accounts/{name}/move': {
            post: {
                summary: string;
                description: string;
                parameters: {
                    name: string;
                    in: string;
                    required: boolean;
                    description: string;
                    schema: {
                        readonly type: "string";
                    };
                }[];
                requestBody: {
                    required: boolean;
                    content: {
                        'application/json': {
                            schema: object;
                        };
                    };
                };
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    202: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/events': {
            get: {
                summary: string;
                description: string;
                parameters: {
                    name: string;
                    in: string;
                    description: string;
                    schema: object;
                }[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'text/event-stream': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/accounts/{name}/refresh': {
            post: {
                summary: string;
                description: string;
                parameters: {
                    name: string;
                    in: string;
                    required: boolean;
                    description: string;
                    schema: {
                        readonly type: "string";
                    };
                }[];
                requestBody: {
                    required: boolean;
                    content: {
                        'application/json': {
                            schema: object;
                        };
                    };
                };
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/cache/kubernetes/manifest': {
            post: {
                summary: string;
                requestBody: {
                    required: boolean;
                    content: {
                        'application/json': {
                            schema: object;
                        };
                    };
                };
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/objects': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/objects/{account}/{kind}/{namespace}/{name}': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/dead-letters': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/dead-letters/{id}': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/dead-letters/{id}/replay': {
            post: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
        '/api/v1/openapi.json': {
            get: {
                summary: string;
                parameters: readonly object[];
                responses: {
                    default: {
                        description: string;
                        content: {
                            'application/problem+json': {
                                schema: {
                                    readonly $ref: `#/components/schemas/${string}`;
                                };
                            };
                        };
                    };
                    200: {
                        description: string;
                        content: {
                            'application/json': {
                                schema: object;
                            };
                        };
                    };
                };
            };
        };
    };
};
//# sourceMappingURL=openapi.d.ts.map