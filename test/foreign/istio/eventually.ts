import { isDeepStrictEqual } from "node:util";

/** How long anything may take to come about. */
const PATIENCE_MS = 30_000;

/** How often is looked whether it has. */
const LOOK_EVERY_MS = 50;

/** As much of an item of a list is shown, characters. */
const LONGEST_SHOWN = 300;

/** Waits until a look doesn't throw, and gives what it gives. @throws Error as the last look did, when it takes too long. */
export async function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** @throws Error that names what two lists do not share, or shows both values, when they differ. */
export function equal(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const [more, less] = [without(actual, expected), without(expected, actual)];
    if (more.length + less.length > 0) throw new Error(`${what}: too many: ${few(more)}, missing: ${few(less)}`);
  }
  throw new Error(`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function without(list: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const known = new Set(other.map((item) => JSON.stringify(item)));
  return list.filter((item) => !known.has(JSON.stringify(item)));
}

function few(list: readonly unknown[]): string {
  const shown = list.slice(0, 5).map((item) => JSON.stringify(item).slice(0, LONGEST_SHOWN));
  return `${list.length} (${shown.join(", ")}${list.length > shown.length ? ", …" : ""})`;
}
