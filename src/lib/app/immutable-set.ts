// Sets that are replaced, never changed: what `$state.raw` holds.

export const setOf = <Value>(values: Iterable<Value>): ReadonlySet<Value> => new Set(values);
