import {
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from "js-yaml";
import { YamlFault } from "./fault.ts";
import { MAX_DEPTH, MAX_DOCUMENT_CHARS } from "./limits.ts";

/**
 * The parts of a document in the order of its text, as offsets into it.
 *
 * @throws what `faultOf` turns into a fault.
 */
export function yamlEvents(text: string): readonly Event[] {
  if (text.length > MAX_DOCUMENT_CHARS) {
    const message = `the document is longer than ${MAX_DOCUMENT_CHARS / 1024 / 1024} MiB; split it`;
    throw new YamlFault("document-too-large", message, 0);
  }
  return parseEvents(text, { maxDepth: MAX_DEPTH });
}

/** The fault that an exception of the parser stands for; anything else is a bug and is thrown on. */
export function faultOf(error: unknown): YamlFault {
  if (error instanceof YamlFault) return error;
  if (!(error instanceof YAMLException)) throw error;
  const code = error.reason.startsWith("nesting exceeded") ? "too-deep" : "yaml-syntax";
  return new YamlFault(code, error.reason, error.mark?.position ?? 0);
}

/** The text that a scalar stands for. */
export function scalarText(text: string, event: ScalarEvent): string {
  const value = getScalarValue(text, event);
  const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
  if (!block || event.valueEnd !== text.length || !value.endsWith("\n")) return value;
  // go-yaml keeps only line ends that are there: a block scalar whose last line the text breaks off has no last one.
  const lastLine = text.length - 1 - Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
  return lastLine > event.indent ? value.slice(0, -1) : value;
}

/** Where a node begins: at its tag, anchor or content; `undefined` for a value that is missing. */
export function offsetOf(event: ScalarEvent | SequenceEvent | MappingEvent): number | undefined {
  if (event.tagStart >= 0) return event.tagStart;
  if (event.anchorStart >= 0) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR) return event.start;
  if (event.valueStart < 0) return undefined;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? event.valueStart - 1 : event.valueStart;
}
