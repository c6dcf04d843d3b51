/** Whether a client takes objects as plain JSON, the one form that they are kept in. Pure. */

/**
 * Reads an `Accept` header. Clients that would rather have a Table or protobuf name plain JSON beside
 * it, as kubectl and client-go do.
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isJson = ['application/json', 'application/*', '*/*'].includes(type);
    const isPlain = parameters.every((each) => !each.startsWith('as=') && each !== 'q=0');
    return isJson && isPlain;
  });
}
