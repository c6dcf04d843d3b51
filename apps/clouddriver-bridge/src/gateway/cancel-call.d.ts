import { status } from '@grpc/grpc-js';
/** What is used of a call. */
export interface CancellableCall {
    emit(event: 'error', error: {
        readonly code: status;
        readonly details: string;
    }): unknown;
}
/** Resets the stream; ends it in order where the stream cannot be had. */
export declare function cancelCall(call: CancellableCall): void;
//# sourceMappingURL=cancel-call.d.ts.map