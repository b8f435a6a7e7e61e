const few = 10;

/** An object's own keys in the order of their UTF-16 code units: the order in which maps go out. */
export function sortedKeys(object: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(object);
  if (keys.length > few) return keys.sort();
  // Most maps have a key or three: not worth a call of the engine's sort.
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
}
