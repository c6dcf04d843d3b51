/** Sizes as people write them (`64MiB`, `500MB`, `4096`), as a number of bytes. */
import { z } from 'zod';

/** Kubernetes quantity suffixes and the usual ones with a B; case matters only for Kubernetes' own. */
const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
};

/**
 * Bytes of `64MiB`, `64Mi`, `64 MB`, `1.5GiB` or a bare number of bytes; letter case is ignored.
 * @throws RangeError when it is not a size, or negative, or above 2^53
 */
export function parseByteSize(size: string | number): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(size));
  const factor = factors[match?.[2]?.toLowerCase() ?? ''];
  if (match?.[1] === undefined || factor === undefined) {
    throw new RangeError('must be a size such as 64MiB or a number of bytes');
  }
  const bytes = Math.round(Number(match[1]) * factor);
  if (!Number.isSafeInteger(bytes)) throw new RangeError('is too large for a size');
  return bytes;
}

/** A schema for a size of at least `minBytes`; the parsed value is in bytes. */
export function byteSizeSchema(minBytes = 1): z.ZodType<number, string | number> {
  return z
    .union([z.number(), z.string()], { error: 'must be a size such as 64MiB or a number of bytes' })
    .transform((size, context) => {
      try {
        const bytes = parseByteSize(size);
        if (bytes >= minBytes) return bytes;
        context.addIssue({ code: 'custom', message: `must be at least ${minBytes} bytes` });
      } catch (error: unknown) {
        context.addIssue({ code: 'custom', message: (error as RangeError).message });
      }
      return z.NEVER;
    });
}
