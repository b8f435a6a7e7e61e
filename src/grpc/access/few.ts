/** Texts that a line of the log names; a certificate or a list may hold thousands. */
const NAMED = 3;

/** Longest text of somebody else in a line, characters. */
const MAX_TEXT = 200;

/** The first of some texts, shortened, and how many more there are; empty for none. For the log. */
export function few(texts: Iterable<string>): string {
  const named: string[] = [];
  let count = 0;
  for (const text of texts) if (++count <= NAMED) named.push(clip(text));
  return `${named.join(", ")}${count > NAMED ? ` and ${count - NAMED} more` : ""}`;
}

/** A text of somebody else, short enough for a line of the log. */
export function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
