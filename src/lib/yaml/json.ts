import { construct } from "./construct.ts";
import { faultOf, yamlEvents } from "./events.ts";
import { YamlFault } from "./fault.ts";
import { checkJson } from "./json-syntax.ts";
import type { ParsedYaml } from "./parse.ts";

/**
 * Turns the text of a JSON document into the same plain values that `parseYaml` gives: large integers stay exact, a key given
 * twice is an error, and the same limits hold. The text must be strict JSON; a byte order mark before it is ignored.
 */
export function parseJson(text: string): ParsedYaml {
  const mark = text.startsWith("\ufeff") ? 1 : 0;
  const json = text.slice(mark);
  const fault = checkJson(json);
  if (fault !== undefined) {
    const message = `not valid JSON: ${fault.expected} is expected`;
    return { ok: false, fault: new YamlFault("json-syntax", message, fault.offset + mark) };
  }
  try {
    // JSON is read as the YAML that it also is, for the sake of exact integers and of keys given twice.
    return { ok: true, value: construct(json, yamlEvents(json)) };
  } catch (error) {
    const { code, message, offset } = faultOf(error);
    return { ok: false, fault: new YamlFault(code, message, offset + mark) };
  }
}
