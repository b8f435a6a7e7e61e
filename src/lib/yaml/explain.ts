import { parseDocument } from "yaml";
import type { YamlFault } from "./fault.ts";
import { MAX_DEPTH } from "./limits.ts";
import { nestingBound } from "./nesting.ts";
import { positionAt, type Position } from "./position.ts";

/** What is wrong with a document, for the person who wrote it. */
export interface Explanation extends Position {
  readonly message: string;
}

/** Longest text that the second parser reads, in characters: it takes a few milliseconds for a kilobyte. */
const MAX_EXPLAINED_CHARS = 32 * 1024;

/**
 * Says in plain words what a fault is and where. Syntax errors are looked at by a second, slower parser that was made for good
 * messages; where it sees nothing wrong, or the text is long, the words of the first parser stand.
 */
export function explain(text: string, fault: YamlFault): Explanation {
  // Its composer recurses, and deep enough it does not throw but ends the process (nesting.ts).
  const isSafe = text.length <= MAX_EXPLAINED_CHARS && nestingBound(text) <= MAX_DEPTH;
  if (fault.code === "yaml-syntax" && isSafe) {
    const better = secondOpinion(text);
    if (better !== undefined) return better;
  }
  return { ...positionAt(text, fault.offset), message: fault.message };
}

function secondOpinion(text: string): Explanation | undefined {
  try {
    const document = parseDocument(text, { version: "1.1", prettyErrors: false, logLevel: "silent" });
    const error = document.errors[0];
    if (error === undefined) return undefined;
    return { ...positionAt(text, error.pos[0]), message: lowerFirst(error.message) };
  } catch {
    return undefined; // a fault of the second parser must not hide the first one's words
  }
}

function lowerFirst(message: string): string {
  return /^[A-Z][a-z]/.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
}
