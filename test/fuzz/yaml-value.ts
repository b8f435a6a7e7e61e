/** What was found in a parsed value. */
export interface ValueMeasure {
  /** Collections that there are, each counted once however often aliases lead to it. */
  readonly collections: number;
  /** Nodes with all aliases written out. */
  readonly nodes: number;
  /** Levels of nesting, aliases written out. */
  readonly depth: number;
}

interface Weighed {
  readonly nodes: number;
  readonly depth: number;
}

/**
 * Measures a value without unfolding it: what aliases share is weighed once. Throws when the value is not plain, or contains
 * itself.
 */
export function measure(value: unknown): ValueMeasure {
  const weighed = new Map<object, Weighed | "open">();
  return { ...weigh(value, weighed), collections: weighed.size };
}

function weigh(value: unknown, known: Map<object, Weighed | "open">): Weighed {
  if (typeof value !== "object" || value === null) {
    if (value !== null && !["string", "number", "boolean"].includes(typeof value)) throw new Error(`a ${typeof value}`);
    return { nodes: 1, depth: 0 };
  }
  const before = known.get(value);
  if (before === "open") throw new Error("a value contains itself");
  if (before !== undefined) return before;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) throw new Error("not a plain object");
  known.set(value, "open");
  let nodes = 1;
  let depth = 0;
  for (const member of Object.values(value)) {
    const inner = weigh(member, known);
    nodes += inner.nodes + (Array.isArray(value) ? 0 : 1);
    depth = Math.max(depth, inner.depth);
  }
  const all = { nodes, depth: depth + 1 };
  known.set(value, all);
  return all;
}
