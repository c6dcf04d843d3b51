/** In which form a client takes an answer. Pure. */

/** `json`: the objects as they are; `table`: rows for people, as kubectl prefers. */
export type AcceptedForm = 'json' | 'table';

/**
 * The best form there is for an `Accept` header: a Table where it is named, before plain JSON or
 * without it. `undefined` when the client takes neither (protobuf alone, or only a reduced object).
 */
export function acceptedForm(accept: string | undefined): AcceptedForm | undefined {
  if (accept === undefined || accept.trim() === '') return 'json';
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    if (parameters.includes('q=0')) continue;
    const as = parameters.find((each) => each.startsWith('as='));
    if (as === undefined) return 'json';
    if (as === 'as=table' && parameters.includes('g=meta.k8s.io')) return 'table';
  }
  return undefined;
}
