/**
 * Values of annotations, read as Clouddriver reads them: with Jackson, which takes the first JSON
 * value of a text and never looks at what follows it, and which is generous about types. What it
 * refuses is `undefined` here; `tests/recorded` holds what the real one says.
 */

/** The smallest and the largest `int` of Java. */
const leastInteger = -2_147_483_648;
const mostInteger = 2_147_483_647;

const firstString = /^[ \t\r\n]*("(?:[^"\\]|\\.)*")/s;
/** Numbers end with the text or with a blank, or Jackson refuses them. */
const firstNumber =
  /^[ \t\r\n]*(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![^ \t\r\n])/;
const firstWord = /^[ \t\r\n]*(true|false|null)(?![\w$\u0080-\uffff])/;

const wholeNumber = /^[-+]?[0-9]+$/;
const trueWords: ReadonlySet<string> = new Set(['true', 'True', 'TRUE']);

/**
 * A text: bare, or, in annotations of old versions of Spinnaker, a JSON string with its quotes.
 * @returns `undefined` when it begins and ends with a quote and is no JSON string
 */
export function textIn(value: string): string | undefined {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const first = firstJsonValue(value);
  return typeof first === 'string' ? first : undefined;
}

/** A whole number: fractions are cut off, and a JSON string may hold one. */
export function wholeNumberIn(value: string): number | undefined {
  const first = firstJsonValue(value);
  if (typeof first === 'number') return asInteger(first);
  const text = typeof first === 'string' ? first.trim() : '';
  return wholeNumber.test(text) ? asInteger(Number(text)) : undefined;
}

/** A claim: also as a whole number that is not 0, or as a JSON string. */
export function claimIn(value: string): boolean {
  const first = firstJsonValue(value);
  if (typeof first === 'string') return trueWords.has(first.trim());
  if (typeof first === 'number') return Number.isInteger(first) && first !== 0;
  return first === true;
}

function asInteger(value: number): number | undefined {
  // Adding 0 makes 0 of -0, which JSON would print alike and tests would not.
  const whole = Math.trunc(value) + 0;
  return whole >= leastInteger && whole <= mostInteger ? whole : undefined;
}

/** The string, number or word that the text begins with; `undefined` for anything else. */
function firstJsonValue(text: string): unknown {
  const token = (firstNumber.exec(text) ?? firstString.exec(text) ?? firstWord.exec(text))?.[1];
  if (token === undefined) return undefined;
  try {
    return JSON.parse(token);
  } catch {
    // A string with a wrong escape: Clouddriver logs that, and goes on as if nothing was said.
    return undefined;
  }
}
