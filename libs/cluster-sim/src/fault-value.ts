// What stands after the `=` of a named fault.

/** What the value of a fault means. */
export type FaultValue =
  | 'bytes'
  | 'changes'
  | 'group/version'
  | 'lines'
  | 'milliseconds'
  | 'probability'
  | 'resource'
  | 'seconds'
  | 'version';

/** True when a text can be a value of that meaning. */
export function isFaultValue(meaning: FaultValue, text: string): boolean {
  const number = text === '' ? NaN : Number(text);
  switch (meaning) {
    case 'resource':
      return text !== '';
    case 'version':
      return /^v\d+\.\d+/.test(text);
    case 'group/version':
      return /^[\w.-]+\/v\w+$/.test(text);
    case 'probability':
      return number >= 0 && number <= 1;
    case 'bytes':
    case 'changes':
    case 'lines':
    case 'milliseconds':
    case 'seconds':
      return number >= 0 && number < Infinity;
  }
}
