import { describe, expect, it } from '@jest/globals';
import { databasePlace } from './database-place.ts';

describe(databasePlace, () => {
  it.each([
    [
      'postgres://fairlead:hunter2@db.example:6432/x?sslmode=require',
      'postgres at db.example:6432',
    ],
    ['postgresql://fairlead:hunter2@db/x', 'postgres at db:5432'],
    ['mysql://fairlead:hunter2@db/x', 'mysql at db:3306'],
    ['mariadb://fairlead:hunter2@[::1]:33/x', 'mysql at [::1]:33'],
    ['postgres:///x?host=/run/postgresql&password=hunter2', 'postgres at /run/postgresql'],
    ['postgres:///x?host=/run/postgresql&port=6432', 'postgres at /run/postgresql:6432'],
    ['embedded:./fairlead-data', 'embedded in ./fairlead-data'],
    ['hunter2', 'a database of no known kind'],
    ['postgres://u:hunter2@a:1,b:2/x', 'postgres'],
  ])('of %s is %s', (url, place) => {
    expect(databasePlace(url)).toBe(place);
  });
});
