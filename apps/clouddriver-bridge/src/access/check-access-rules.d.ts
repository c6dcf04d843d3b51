/** What is wrong with the rules of `auth` beyond the form of each key. */
import { type CrossProblem, type Unchecked } from '@fairlead/service-kit';
import { type AccessConfig } from './access-config.ts';
/** The parts of the configuration that matter. */
type UncheckedParts = Unchecked<{
    readonly auth: AccessConfig;
    readonly grpc: {
        readonly tls?: {
            readonly clientAuth: string;
        } | undefined;
    };
    readonly http: {
        readonly tls?: {
            readonly clientAuth: string;
        } | undefined;
    };
}>;
/** Every problem with its place. */
export declare function checkAccessRules({ grpc, http, auth }: UncheckedParts): CrossProblem[];
export {};
//# sourceMappingURL=check-access-rules.d.ts.map