import fc from "fast-check";

const effort = Number(process.env["GALLEY_FUZZ_EFFORT"] ?? 1);

/** How long a property is tried: GALLEY_FUZZ_EFFORT times as many runs. */
export function fuzzing(runs: number): { readonly numRuns: number } {
  return { numRuns: runs * effort };
}

/** How long a property may take on a busy machine, milliseconds. */
export const patience: { readonly timeout: number } = { timeout: 120_000 * effort };

/** One way of spoiling a sequence; places and lengths are taken modulo what there is. */
type Edit<Part> =
  | { readonly do: "insert"; readonly at: number; readonly part: Part }
  | { readonly do: "delete"; readonly at: number; readonly length: number }
  | { readonly do: "repeat"; readonly at: number; readonly length: number }
  | { readonly do: "move"; readonly at: number; readonly length: number; readonly to: number };

function edits<Part>(part: fc.Arbitrary<Part>): fc.Arbitrary<Edit<Part>[]> {
  const at = fc.nat();
  const length = fc.oneof(fc.nat(4), fc.nat(200));
  const edit = fc.oneof(
    fc.record({ do: fc.constant("insert" as const), at, part }),
    fc.record({ do: fc.constant("delete" as const), at, length }),
    fc.record({ do: fc.constant("repeat" as const), at, length }),
    fc.record({ do: fc.constant("move" as const), at, length, to: at }),
  );
  return fc.array(edit, { minLength: 0, maxLength: 12 });
}

function apply<Whole, Part>(whole: Whole, edit: Edit<Part>, { size, cut, join, wrap }: Sequence<Whole, Part>): Whole {
  const at = edit.at % (size(whole) + 1);
  const [before, after] = [cut(whole, 0, at), cut(whole, at, size(whole))];
  if (edit.do === "insert") return join([before, wrap(edit.part), after]);
  const piece = cut(after, 0, edit.length);
  if (edit.do === "repeat") return join([before, piece, after]);
  const rest = join([before, cut(after, edit.length, size(after))]);
  if (edit.do === "delete") return rest;
  const to = edit.to % (size(rest) + 1);
  return join([cut(rest, 0, to), piece, cut(rest, to, size(rest))]);
}

interface Sequence<Whole, Part> {
  readonly size: (whole: Whole) => number;
  readonly cut: (whole: Whole, from: number, to: number) => Whole;
  readonly join: (parts: readonly Whole[]) => Whole;
  readonly wrap: (part: Part) => Whole;
}

const texts: Sequence<string, string> = {
  size: (text) => text.length,
  cut: (text, from, to) => text.slice(from, to),
  join: (parts) => parts.join(""),
  wrap: (part) => part,
};

const bytes: Sequence<Uint8Array, number> = {
  size: (whole) => whole.length,
  cut: (whole, from, to) => whole.subarray(from, to),
  join: (parts) => Buffer.concat(parts),
  wrap: (part) => Uint8Array.of(part),
};

/** Spoiled versions of some texts; `words` are what gets into them. */
export function spoiledText(from: readonly string[], words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 3 }));
  return fc
    .tuple(fc.constantFrom(...from), edits(word))
    .map(([text, list]) => list.reduce((whole, edit) => apply(whole, edit, texts), text));
}

/** Spoiled versions of some bytes. */
export function spoiledBytes(from: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...from), edits(fc.nat(255)))
    .map(([whole, list]) => list.reduce((current, edit) => apply(current, edit, bytes), whole));
}
