/** The part of `bridge.yaml` that says who gets in: `auth`. */
import { z } from 'zod';
/** The schema of `auth`. */
export declare const accessSchema: z.ZodObject<{
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
}, z.core.$strip>;
/** The configuration of `auth`. */
export type AccessConfig = z.output<typeof accessSchema>;
/** One rule of `auth.agents`. */
export type AgentRule = AccessConfig['agents'][number];
/** One rule of `auth.clients`. */
export type ClientRule = AccessConfig['clients'][number];
/** What a rule asks of a JSON Web Token. */
export type JwtRule = NonNullable<AgentRule['jwt']>;
/** What a rule asks of a token of a Kubernetes service account. */
export type ServiceAccountRule = NonNullable<AgentRule['serviceAccount']>;
//# sourceMappingURL=access-config.d.ts.map