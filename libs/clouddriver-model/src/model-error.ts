/**
 * The one error class of this room. An object that cannot be projected is the fault of the object,
 * never of its neighbours: callers catch this, put the object aside and go on.
 */

/**
 * Why an object cannot become a row. Retrying never helps; whoever owns the object must act.
 *
 * - `invalidJson`: the bytes are not one JSON object in UTF-8.
 * - `missingField`: `kind`, `apiVersion` or `metadata.name` is absent, empty or not a string.
 */
export type ModelErrorCode = 'invalidJson' | 'missingField';

/** An object that cannot be projected. The message names fields, never values. */
export class ModelError extends Error {
  /** What is wrong with the object. */
  readonly code: ModelErrorCode;
  /** The path of the field that is missing, `''` when the whole object is unreadable. */
  readonly field: string;

  constructor(code: ModelErrorCode, detail: { readonly field?: string; readonly cause?: unknown }) {
    const field = detail.field ?? '';
    super(field === '' ? code : `${code}: ${field}`, { cause: detail.cause });
    this.name = 'ModelError';
    this.code = code;
    this.field = field;
  }
}
