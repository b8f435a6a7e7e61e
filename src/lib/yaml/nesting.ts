import { Lexer } from "yaml";

/**
 * An upper bound for how deep the collections of a YAML text nest, found without recursion: brackets that are open, the
 * columns a line is indented by, and the indicators (`- - -`, `? ? ?`) that stand on one line.
 *
 * The composer of `yaml` recurses. Some thousand levels, a file of 5 KB, exhaust the stack at a place where V8 compiles
 * a regular expression, which then aborts the process instead of throwing (Node 20.20). So depth is checked before.
 */
export function nestingBound(text: string): number {
  let deepest = 0;
  let brackets = 0;
  let column = 0;
  let isIndent = true;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") brackets++;
    else if (token === "]" || token === "}") brackets--;
    else if (token === "\n" || token === "\r\n") [column, isIndent] = [0, true];
    else if (brackets === 0 && (token === "-" || token === "?" || token === ":")) column++;
    else if (isIndent && /^[ \t]+$/u.test(token)) [column, isIndent] = [token.length, false];
    else isIndent = false;
    deepest = Math.max(deepest, brackets + column);
  }
  return deepest;
}
