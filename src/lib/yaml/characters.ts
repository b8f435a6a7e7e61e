/** May stand anywhere in a simple key or word, the first place included (a dash only behind it). */
export const FLAG_KEY = 1;
/** As the first character of a plain scalar: it may mean something other than its text (a number, a boolean, null). */
export const FLAG_MAY_MEAN = 2;
/** Can't begin a plain scalar. */
const FLAG_INDICATOR = 4;

const flags: Uint8Array = new Uint8Array(128);
mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-", FLAG_KEY);
mark("0123456789+-.~yYnNtTfFoO", FLAG_MAY_MEAN);
mark(" #&*!|>'\"%@`,[]{}?:", FLAG_INDICATOR);

function mark(characters: string, flag: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    flags[code] = (flags[code] ?? 0) | flag;
  }
}

/** The flags of a character code; none beyond ASCII, nor for NaN. */
export function flagsOf(code: number): number {
  return flags[code] ?? 0;
}

/** Whether a plain scalar certainly begins with these two characters in block context. */
export function isPlainStart(code: number, next: number): boolean {
  if ((flagsOf(code) & FLAG_INDICATOR) !== 0) return false;
  // A dash begins a plain scalar only before something that is neither a space nor the end of a line or text (NaN).
  return code !== 45 || next > 32;
}
