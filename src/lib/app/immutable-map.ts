// Maps that are replaced, never changed: what `$state.raw` holds. Each function makes a new map.

export const emptyMap = <Key, Value>(): ReadonlyMap<Key, Value> => new Map();

export const mapBy = <Key, Value>(values: Iterable<Value>, key: (value: Value) => Key): ReadonlyMap<Key, Value> =>
  new Map(Array.from(values, (value) => [key(value), value]));

export const withEntry = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> =>
  new Map(map).set(key, value);

export const withEntries = <Key, Value>(
  map: ReadonlyMap<Key, Value>,
  entries: Iterable<readonly [Key, Value]>
): ReadonlyMap<Key, Value> => new Map([...map, ...entries]);

export const withoutEntry = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> =>
  new Map([...map].filter(([other]) => other !== key));
