/** The first place where a text stops being JSON. */
export interface JsonFault {
  readonly offset: number;
  readonly expected: string;
}

const blank = /[ \t\n\r]*/y;
const scalar =
  /"(?:[\u0020\u0021\u0023-\u005b\u005d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y;

/**
 * Checks that a text is one JSON value, and says where it isn't: the messages of `JSON.parse` name no place, or not always.
 * Takes linear time and no stack.
 */
export function checkJson(text: string): JsonFault | undefined {
  const closers: ("]" | "}")[] = [];
  let at = 0;
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const token = pattern.exec(text)?.[0] ?? "";
    at += token.length;
    return token;
  };
  const key = (): JsonFault | undefined => {
    skip(blank);
    if (text[at] !== '"' || skip(scalar) === "") return { offset: at, expected: "a key in double quotes" };
    skip(blank);
    return text[at++] === ":" ? undefined : { offset: at - 1, expected: "':'" };
  };
  for (;;) {
    // A value stands here.
    skip(blank);
    const open = text[at];
    if (open === "{" || open === "[") {
      at++;
      const closer = open === "{" ? "}" : "]";
      skip(blank);
      if (text[at] !== closer) {
        closers.push(closer);
        const fault = closer === "}" ? key() : undefined;
        if (fault !== undefined) return fault;
        continue;
      }
      at++;
    } else if (skip(scalar) === "") return { offset: at, expected: "a value" };
    // A value ends here: close what it completes, up to a comma or the end.
    for (;;) {
      skip(blank);
      const closer = closers.at(-1);
      if (closer === undefined) return at === text.length ? undefined : { offset: at, expected: "the end of the text" };
      const next = text[at];
      if (next === ",") break;
      if (next !== closer) return { offset: at, expected: `',' or '${closer}'` };
      closers.pop();
      at++;
    }
    at++;
    const fault = closers.at(-1) === "}" ? key() : undefined;
    if (fault !== undefined) return fault;
  }
}
