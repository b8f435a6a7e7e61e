import { construct } from "./construct.ts";
import { faultOf, yamlEvents } from "./events.ts";
import { parseCommon } from "./fast.ts";
import type { YamlFault } from "./fault.ts";
import { MAX_DOCUMENT_CHARS } from "./limits.ts";

/** A document's plain value, or why it has none. */
export type ParsedYaml =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: YamlFault };

/**
 * Turns the text of one YAML document into a plain value: objects, arrays, strings, numbers, booleans and null. Time and
 * memory are bounded by the limits in `limits.ts`; any text gets a verdict.
 */
export function parseYaml(text: string): ParsedYaml {
  const common = text.length <= MAX_DOCUMENT_CHARS ? parseCommon(text) : undefined;
  return common === undefined ? parseAnyYaml(text) : { ok: true, value: common };
}

/** The same by the general parser alone: what the fast path is held against. */
export function parseAnyYaml(text: string): ParsedYaml {
  try {
    return { ok: true, value: construct(text, yamlEvents(text)) };
  } catch (error) {
    return { ok: false, fault: faultOf(error) };
  }
}
