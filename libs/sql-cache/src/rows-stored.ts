/** Rows that were believed to be new are stored already: nobody's fault, and the unit is written otherwise. */
export class RowsStored extends Error {
  constructor() {
    super('rows that were believed to be new are stored already');
    this.name = 'RowsStored';
  }
}
