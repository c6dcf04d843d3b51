// Why a verification could not be made at all.

/**
 * - `account`: the bridge does not know the account, or it declares no kinds; its owner must act.
 * - `bridge`: the bridge does not answer as its API says; retrying may help.
 * - `cluster`: the cluster does not let its objects be listed; retrying or other rights may help.
 */
export type VerifyErrorCode = 'account' | 'bridge' | 'cluster';

/** A verification that could not be made. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  /** What stood in the way. */
  readonly code: VerifyErrorCode;

  constructor(code: VerifyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
