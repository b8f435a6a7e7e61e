/** What can be wrong with a document, stable enough for scripts. */
export type YamlFaultCode =
  | "yaml-syntax"
  | "json-syntax"
  | "duplicate-key"
  | "invalid-key"
  | "invalid-tag"
  | "invalid-alias"
  | "too-deep"
  | "document-too-large"
  | "not-text";

/** Why a document has no value, and where: an offset into its text. */
export class YamlFault extends Error {
  readonly code: YamlFaultCode;
  readonly offset: number;

  constructor(code: YamlFaultCode, message: string, offset: number) {
    super(message);
    this.name = "YamlFault";
    this.code = code;
    this.offset = offset;
  }
}
