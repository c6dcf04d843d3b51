/** What the dialects' statements about rows have in common. */
import { attributesMark, rowHeadChars } from '@fairlead/clouddriver-model';

/** `,"attributes":` as an SQL literal: what follows the relations in a body. */
export const attributesMarkLiteral = `'${attributesMark}'`;

/** The part of a body in which the mark is looked for before the whole is read. */
export const headChars = rowHeadChars;
