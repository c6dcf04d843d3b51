import { z } from 'zod';
declare const baseSchema: z.ZodObject<{
    grpc: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        advertisedAddress: z.ZodOptional<z.ZodString>;
        tls: z.ZodOptional<z.ZodObject<{
            clientCaFile: z.ZodOptional<z.ZodString>;
            clientAuth: z.ZodDefault<z.ZodEnum<{
                none: "none";
                optional: "optional";
                require: "require";
            }>>;
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strip>>;
        insecure: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    http: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        tls: z.ZodOptional<z.ZodObject<{
            clientCaFile: z.ZodOptional<z.ZodString>;
            clientAuth: z.ZodDefault<z.ZodEnum<{
                none: "none";
                optional: "optional";
                require: "require";
            }>>;
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strip>>;
        insecure: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    sql: z.ZodPrefault<z.ZodObject<{
        url: z.ZodDefault<z.ZodString>;
        schema: z.ZodDefault<z.ZodEnum<{
            clouddriver: "clouddriver";
            standalone: "standalone";
        }>>;
        tableNamespace: z.ZodDefault<z.ZodString>;
        pool: z.ZodPrefault<z.ZodObject<{
            max: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
    }, z.core.$strip>>;
    auth: z.ZodPrefault<z.ZodObject<{
        insecure: z.ZodDefault<z.ZodBoolean>;
        agents: z.ZodDefault<z.ZodArray<z.ZodObject<{
            accounts: z.ZodArray<z.ZodString>;
            token: z.ZodOptional<z.ZodString>;
            tokenFile: z.ZodOptional<z.ZodString>;
            x509Subject: z.ZodOptional<z.ZodString>;
            jwt: z.ZodOptional<z.ZodObject<{
                subject: z.ZodOptional<z.ZodString>;
                claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                groupsClaim: z.ZodDefault<z.ZodString>;
                nameClaim: z.ZodDefault<z.ZodString>;
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                issuer: z.ZodString;
                audience: z.ZodString;
            }, z.core.$strip>>;
            serviceAccount: z.ZodOptional<z.ZodObject<{
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                subject: z.ZodString;
                audience: z.ZodString;
                kubeconfigFile: z.ZodOptional<z.ZodString>;
                context: z.ZodOptional<z.ZodString>;
                inCluster: z.ZodDefault<z.ZodBoolean>;
                issuer: z.ZodOptional<z.ZodString>;
            }, z.core.$strip>>;
        }, z.core.$strip>>>;
        clients: z.ZodDefault<z.ZodArray<z.ZodObject<{
            name: z.ZodString;
            groups: z.ZodOptional<z.ZodArray<z.ZodString>>;
            accounts: z.ZodDefault<z.ZodArray<z.ZodString>>;
            access: z.ZodDefault<z.ZodEnum<{
                write: "write";
                read: "read";
            }>>;
            reads: z.ZodDefault<z.ZodEnum<{
                live: "live";
                cache: "cache";
            }>>;
            permissions: z.ZodDefault<z.ZodEnum<{
                ignore: "ignore";
                enforce: "enforce";
            }>>;
            impersonate: z.ZodPrefault<z.ZodObject<{
                users: z.ZodDefault<z.ZodArray<z.ZodString>>;
                groups: z.ZodDefault<z.ZodArray<z.ZodString>>;
            }, z.core.$strip>>;
            token: z.ZodOptional<z.ZodString>;
            tokenFile: z.ZodOptional<z.ZodString>;
            x509Subject: z.ZodOptional<z.ZodString>;
            jwt: z.ZodOptional<z.ZodObject<{
                subject: z.ZodOptional<z.ZodString>;
                claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                groupsClaim: z.ZodDefault<z.ZodString>;
                nameClaim: z.ZodDefault<z.ZodString>;
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                issuer: z.ZodString;
                audience: z.ZodString;
            }, z.core.$strip>>;
            serviceAccount: z.ZodOptional<z.ZodObject<{
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                subject: z.ZodString;
                audience: z.ZodString;
                kubeconfigFile: z.ZodOptional<z.ZodString>;
                context: z.ZodOptional<z.ZodString>;
                inCluster: z.ZodDefault<z.ZodBoolean>;
                issuer: z.ZodOptional<z.ZodString>;
            }, z.core.$strip>>;
        }, z.core.$strip>>>;
    }, z.core.$strip>>;
    clouddriver: z.ZodPrefault<z.ZodObject<{
        accounts: z.ZodPrefault<z.ZodObject<{
            enabled: z.ZodDefault<z.ZodBoolean>;
            gatewayUrl: z.ZodOptional<z.ZodString>;
            gatewayCaFile: z.ZodOptional<z.ZodString>;
            gatewayTokenFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strip>>;
        lockAgents: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    registry: z.ZodPrefault<z.ZodObject<{
        gracePeriodSeconds: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    antiEntropy: z.ZodPrefault<z.ZodObject<{
        intervalSeconds: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    budget: z.ZodPrefault<z.ZodObject<{
        inFlightBytes: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        inFlightBytesPerAccount: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strip>>;
    limits: z.ZodPrefault<z.ZodObject<{
        linksPerAddress: z.ZodDefault<z.ZodInt>;
        linksPerIdentity: z.ZodDefault<z.ZodInt>;
        accountsPerLink: z.ZodDefault<z.ZodInt>;
        feedsPerLink: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    logging: z.ZodPrefault<z.ZodObject<{
        level: z.ZodDefault<z.ZodType<import("@fairlead/service-kit").LogLevel, string, z.core.$ZodTypeInternals<import("@fairlead/service-kit").LogLevel, string>>>;
        format: z.ZodOptional<z.ZodEnum<{
            json: "json";
            text: "text";
            pretty: "pretty";
        }>>;
        file: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>;
}, z.core.$strip>;
/** A valid configuration with all defaults filled in. */
export type BridgeConfig = z.output<typeof baseSchema>;
/** The schema with the rules that span several keys. */
export declare const bridgeConfigSchema: z.ZodObject<{
    grpc: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        advertisedAddress: z.ZodOptional<z.ZodString>;
        tls: z.ZodOptional<z.ZodObject<{
            clientCaFile: z.ZodOptional<z.ZodString>;
            clientAuth: z.ZodDefault<z.ZodEnum<{
                none: "none";
                optional: "optional";
                require: "require";
            }>>;
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strip>>;
        insecure: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    http: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        tls: z.ZodOptional<z.ZodObject<{
            clientCaFile: z.ZodOptional<z.ZodString>;
            clientAuth: z.ZodDefault<z.ZodEnum<{
                none: "none";
                optional: "optional";
                require: "require";
            }>>;
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strip>>;
        insecure: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    sql: z.ZodPrefault<z.ZodObject<{
        url: z.ZodDefault<z.ZodString>;
        schema: z.ZodDefault<z.ZodEnum<{
            clouddriver: "clouddriver";
            standalone: "standalone";
        }>>;
        tableNamespace: z.ZodDefault<z.ZodString>;
        pool: z.ZodPrefault<z.ZodObject<{
            max: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
    }, z.core.$strip>>;
    auth: z.ZodPrefault<z.ZodObject<{
        insecure: z.ZodDefault<z.ZodBoolean>;
        agents: z.ZodDefault<z.ZodArray<z.ZodObject<{
            accounts: z.ZodArray<z.ZodString>;
            token: z.ZodOptional<z.ZodString>;
            tokenFile: z.ZodOptional<z.ZodString>;
            x509Subject: z.ZodOptional<z.ZodString>;
            jwt: z.ZodOptional<z.ZodObject<{
                subject: z.ZodOptional<z.ZodString>;
                claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                groupsClaim: z.ZodDefault<z.ZodString>;
                nameClaim: z.ZodDefault<z.ZodString>;
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                issuer: z.ZodString;
                audience: z.ZodString;
            }, z.core.$strip>>;
            serviceAccount: z.ZodOptional<z.ZodObject<{
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                subject: z.ZodString;
                audience: z.ZodString;
                kubeconfigFile: z.ZodOptional<z.ZodString>;
                context: z.ZodOptional<z.ZodString>;
                inCluster: z.ZodDefault<z.ZodBoolean>;
                issuer: z.ZodOptional<z.ZodString>;
            }, z.core.$strip>>;
        }, z.core.$strip>>>;
        clients: z.ZodDefault<z.ZodArray<z.ZodObject<{
            name: z.ZodString;
            groups: z.ZodOptional<z.ZodArray<z.ZodString>>;
            accounts: z.ZodDefault<z.ZodArray<z.ZodString>>;
            access: z.ZodDefault<z.ZodEnum<{
                write: "write";
                read: "read";
            }>>;
            reads: z.ZodDefault<z.ZodEnum<{
                live: "live";
                cache: "cache";
            }>>;
            permissions: z.ZodDefault<z.ZodEnum<{
                ignore: "ignore";
                enforce: "enforce";
            }>>;
            impersonate: z.ZodPrefault<z.ZodObject<{
                users: z.ZodDefault<z.ZodArray<z.ZodString>>;
                groups: z.ZodDefault<z.ZodArray<z.ZodString>>;
            }, z.core.$strip>>;
            token: z.ZodOptional<z.ZodString>;
            tokenFile: z.ZodOptional<z.ZodString>;
            x509Subject: z.ZodOptional<z.ZodString>;
            jwt: z.ZodOptional<z.ZodObject<{
                subject: z.ZodOptional<z.ZodString>;
                claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                groupsClaim: z.ZodDefault<z.ZodString>;
                nameClaim: z.ZodDefault<z.ZodString>;
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                issuer: z.ZodString;
                audience: z.ZodString;
            }, z.core.$strip>>;
            serviceAccount: z.ZodOptional<z.ZodObject<{
                jwksUrl: z.ZodOptional<z.ZodString>;
                jwksCaFile: z.ZodOptional<z.ZodString>;
                jwksFile: z.ZodOptional<z.ZodString>;
                subject: z.ZodString;
                audience: z.ZodString;
                kubeconfigFile: z.ZodOptional<z.ZodString>;
                context: z.ZodOptional<z.ZodString>;
                inCluster: z.ZodDefault<z.ZodBoolean>;
                issuer: z.ZodOptional<z.ZodString>;
            }, z.core.$strip>>;
        }, z.core.$strip>>>;
    }, z.core.$strip>>;
    clouddriver: z.ZodPrefault<z.ZodObject<{
        accounts: z.ZodPrefault<z.ZodObject<{
            enabled: z.ZodDefault<z.ZodBoolean>;
            gatewayUrl: z.ZodOptional<z.ZodString>;
            gatewayCaFile: z.ZodOptional<z.ZodString>;
            gatewayTokenFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strip>>;
        lockAgents: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    registry: z.ZodPrefault<z.ZodObject<{
        gracePeriodSeconds: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    antiEntropy: z.ZodPrefault<z.ZodObject<{
        intervalSeconds: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    budget: z.ZodPrefault<z.ZodObject<{
        inFlightBytes: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        inFlightBytesPerAccount: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strip>>;
    limits: z.ZodPrefault<z.ZodObject<{
        linksPerAddress: z.ZodDefault<z.ZodInt>;
        linksPerIdentity: z.ZodDefault<z.ZodInt>;
        accountsPerLink: z.ZodDefault<z.ZodInt>;
        feedsPerLink: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>>;
    logging: z.ZodPrefault<z.ZodObject<{
        level: z.ZodDefault<z.ZodType<import("@fairlead/service-kit").LogLevel, string, z.core.$ZodTypeInternals<import("@fairlead/service-kit").LogLevel, string>>>;
        format: z.ZodOptional<z.ZodEnum<{
            json: "json";
            text: "text";
            pretty: "pretty";
        }>>;
        file: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>;
}, z.core.$strip>;
/** What the bridge states about its configuration. */
export declare const bridgeConfigDefinition: {
    schema: z.ZodObject<{
        grpc: z.ZodPrefault<z.ZodObject<{
            host: z.ZodDefault<z.ZodString>;
            port: z.ZodDefault<z.ZodInt>;
            advertisedAddress: z.ZodOptional<z.ZodString>;
            tls: z.ZodOptional<z.ZodObject<{
                clientCaFile: z.ZodOptional<z.ZodString>;
                clientAuth: z.ZodDefault<z.ZodEnum<{
                    none: "none";
                    optional: "optional";
                    require: "require";
                }>>;
                certFile: z.ZodString;
                keyFile: z.ZodString;
            }, z.core.$strip>>;
            insecure: z.ZodDefault<z.ZodBoolean>;
        }, z.core.$strip>>;
        http: z.ZodPrefault<z.ZodObject<{
            host: z.ZodDefault<z.ZodString>;
            port: z.ZodDefault<z.ZodInt>;
            tls: z.ZodOptional<z.ZodObject<{
                clientCaFile: z.ZodOptional<z.ZodString>;
                clientAuth: z.ZodDefault<z.ZodEnum<{
                    none: "none";
                    optional: "optional";
                    require: "require";
                }>>;
                certFile: z.ZodString;
                keyFile: z.ZodString;
            }, z.core.$strip>>;
            insecure: z.ZodDefault<z.ZodBoolean>;
        }, z.core.$strip>>;
        sql: z.ZodPrefault<z.ZodObject<{
            url: z.ZodDefault<z.ZodString>;
            schema: z.ZodDefault<z.ZodEnum<{
                clouddriver: "clouddriver";
                standalone: "standalone";
            }>>;
            tableNamespace: z.ZodDefault<z.ZodString>;
            pool: z.ZodPrefault<z.ZodObject<{
                max: z.ZodDefault<z.ZodInt>;
            }, z.core.$strip>>;
        }, z.core.$strip>>;
        auth: z.ZodPrefault<z.ZodObject<{
            insecure: z.ZodDefault<z.ZodBoolean>;
            agents: z.ZodDefault<z.ZodArray<z.ZodObject<{
                accounts: z.ZodArray<z.ZodString>;
                token: z.ZodOptional<z.ZodString>;
                tokenFile: z.ZodOptional<z.ZodString>;
                x509Subject: z.ZodOptional<z.ZodString>;
                jwt: z.ZodOptional<z.ZodObject<{
                    subject: z.ZodOptional<z.ZodString>;
                    claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                    groupsClaim: z.ZodDefault<z.ZodString>;
                    nameClaim: z.ZodDefault<z.ZodString>;
                    jwksUrl: z.ZodOptional<z.ZodString>;
                    jwksCaFile: z.ZodOptional<z.ZodString>;
                    jwksFile: z.ZodOptional<z.ZodString>;
                    issuer: z.ZodString;
                    audience: z.ZodString;
                }, z.core.$strip>>;
                serviceAccount: z.ZodOptional<z.ZodObject<{
                    jwksUrl: z.ZodOptional<z.ZodString>;
                    jwksCaFile: z.ZodOptional<z.ZodString>;
                    jwksFile: z.ZodOptional<z.ZodString>;
                    subject: z.ZodString;
                    audience: z.ZodString;
                    kubeconfigFile: z.ZodOptional<z.ZodString>;
                    context: z.ZodOptional<z.ZodString>;
                    inCluster: z.ZodDefault<z.ZodBoolean>;
                    issuer: z.ZodOptional<z.ZodString>;
                }, z.core.$strip>>;
            }, z.core.$strip>>>;
            clients: z.ZodDefault<z.ZodArray<z.ZodObject<{
                name: z.ZodString;
                groups: z.ZodOptional<z.ZodArray<z.ZodString>>;
                accounts: z.ZodDefault<z.ZodArray<z.ZodString>>;
                access: z.ZodDefault<z.ZodEnum<{
                    write: "write";
                    read: "read";
                }>>;
                reads: z.ZodDefault<z.ZodEnum<{
                    live: "live";
                    cache: "cache";
                }>>;
                permissions: z.ZodDefault<z.ZodEnum<{
                    ignore: "ignore";
                    enforce: "enforce";
                }>>;
                impersonate: z.ZodPrefault<z.ZodObject<{
                    users: z.ZodDefault<z.ZodArray<z.ZodString>>;
                    groups: z.ZodDefault<z.ZodArray<z.ZodString>>;
                }, z.core.$strip>>;
                token: z.ZodOptional<z.ZodString>;
                tokenFile: z.ZodOptional<z.ZodString>;
                x509Subject: z.ZodOptional<z.ZodString>;
                jwt: z.ZodOptional<z.ZodObject<{
                    subject: z.ZodOptional<z.ZodString>;
                    claims: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
                    groupsClaim: z.ZodDefault<z.ZodString>;
                    nameClaim: z.ZodDefault<z.ZodString>;
                    jwksUrl: z.ZodOptional<z.ZodString>;
                    jwksCaFile: z.ZodOptional<z.ZodString>;
                    jwksFile: z.ZodOptional<z.ZodString>;
                    issuer: z.ZodString;
                    audience: z.ZodString;
                }, z.core.$strip>>;
                serviceAccount: z.ZodOptional<z.ZodObject<{
                    jwksUrl: z.ZodOptional<z.ZodString>;
                    jwksCaFile: z.ZodOptional<z.ZodString>;
                    jwksFile: z.ZodOptional<z.ZodString>;
                    subject: z.ZodString;
                    audience: z.ZodString;
                    kubeconfigFile: z.ZodOptional<z.ZodString>;
                    context: z.ZodOptional<z.ZodString>;
                    inCluster: z.ZodDefault<z.ZodBoolean>;
                    issuer: z.ZodOptional<z.ZodString>;
                }, z.core.$strip>>;
            }, z.core.$strip>>>;
        }, z.core.$strip>>;
        clouddriver: z.ZodPrefault<z.ZodObject<{
            accounts: z.ZodPrefault<z.ZodObject<{
                enabled: z.ZodDefault<z.ZodBoolean>;
                gatewayUrl: z.ZodOptional<z.ZodString>;
                gatewayCaFile: z.ZodOptional<z.ZodString>;
                gatewayTokenFile: z.ZodOptional<z.ZodString>;
            }, z.core.$strip>>;
            lockAgents: z.ZodDefault<z.ZodBoolean>;
        }, z.core.$strip>>;
        registry: z.ZodPrefault<z.ZodObject<{
            gracePeriodSeconds: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
        antiEntropy: z.ZodPrefault<z.ZodObject<{
            intervalSeconds: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
        budget: z.ZodPrefault<z.ZodObject<{
            inFlightBytes: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
            inFlightBytesPerAccount: z.ZodDefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        }, z.core.$strip>>;
        limits: z.ZodPrefault<z.ZodObject<{
            linksPerAddress: z.ZodDefault<z.ZodInt>;
            linksPerIdentity: z.ZodDefault<z.ZodInt>;
            accountsPerLink: z.ZodDefault<z.ZodInt>;
            feedsPerLink: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
        logging: z.ZodPrefault<z.ZodObject<{
            level: z.ZodDefault<z.ZodType<import("@fairlead/service-kit").LogLevel, string, z.core.$ZodTypeInternals<import("@fairlead/service-kit").LogLevel, string>>>;
            format: z.ZodOptional<z.ZodEnum<{
                json: "json";
                text: "text";
                pretty: "pretty";
            }>>;
            file: z.ZodOptional<z.ZodString>;
        }, z.core.$strip>>;
    }, z.core.$strip>;
    defaultFiles: string[];
};
/** Whether only this machine can reach an address. */
export declare function isLoopback(host: string): boolean;
/** Whether the database is Clouddriver's, whose tables of its own are there too. */
export declare function isBesideClouddriver(sql: {
    readonly url: unknown;
    readonly schema: unknown;
}): boolean;
/** What to warn of when tokens travel in plain text to more than this machine. */
export declare function plainDoors({ grpc, http }: BridgeConfig): string | undefined;
/** What to warn of when somebody may come in without authentication; `undefined` if nobody may. */
export declare function openDoors({ grpc, http, auth }: BridgeConfig): string | undefined;
export {};
//# sourceMappingURL=config.d.ts.map