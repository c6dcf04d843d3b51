/** The contract of every engine: it reads the document that a reference points into. */
import type { SecretDocument } from './secret-document.ts';
import type { SecretReference } from './secret-reference.ts';

/** Holds secrets. */
export interface SecretEngine {
  /**
   * Reads the document. References that differ in their key, their form or their base64 flag alone
   * share one. Rejects with `SecretError`, or with whatever the engine's library throws where it
   * could not be reached.
   */
  read(reference: SecretReference, signal: AbortSignal): Promise<SecretDocument>;
  /**
   * Tells when the document may have changed, until the answer is called; for engines that can.
   * The others are asked again and again.
   */
  watch?(reference: SecretReference, onChange: () => void): Promise<() => Promise<void>>;
  /** Ends connections. */
  close?(): void;
}
