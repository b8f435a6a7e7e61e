/**
 * Encoded bodies by what they encode, for as long as that lives: what makes a push the same bytes for every sink.
 * @typeParam Key tells apart the ways in which one thing is encoded
 */
export class SharedBodies<Of extends object, Key, Body> {
  readonly #bodies = new WeakMap<Of, Map<Key, Body>>();

  get(of: Of, key: Key, encode: () => Body): Body {
    let byKey = this.#bodies.get(of);
    if (byKey === undefined) this.#bodies.set(of, (byKey = new Map()));
    let body = byKey.get(key);
    if (body === undefined) byKey.set(key, (body = encode()));
    return body;
  }
}
