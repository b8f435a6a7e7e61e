import { locate, type YamlPath } from "../../lib/yaml/locate.ts";
import type { Position } from "../../lib/yaml/position.ts";
import type { Place } from "../../model/problem.ts";
import type { MeshObject } from "./config-sources.ts";

/** A mesh config that was found somewhere, and what its surroundings tell of its istiod. */
export interface MeshDocument {
  /** For people: `ConfigMap istio-system/istio`, `Helm values`… */
  readonly what: string;
  readonly mesh: MeshObject;
  /** The file that it was found in; undefined for one that is in no file. */
  readonly file: string | undefined;
  /** Where values stand, all looked up in one pass; undefined where there is no file. */
  readonly places: (paths: readonly YamlPath[]) => readonly (Place | undefined)[];
  /** The revision of its istiod, where the surroundings tell it. */
  readonly revision?: string;
  /** The version of its istiod, and the key that told it. */
  readonly version?: { readonly text: string; readonly toldBy: string };
  /** Whether it is as people write it. What a running istiod shows of its mesh config need not fit the API of today. */
  readonly isWritten: boolean;
}

/** The text that a mesh config stands in. */
export interface MeshText {
  readonly file: string;
  /** One document of the file. */
  readonly text: string;
  /** The line of the file on which the document begins, from 1. */
  readonly line: number;
}

/** Where a mesh config is that is the value at `prefix` of a document. */
export function placedIn({ file, text, line }: MeshText, prefix: YamlPath): Pick<MeshDocument, "file" | "places"> {
  const placeOf = (found: Position | undefined): Place =>
    found === undefined ? { file, line } : { file, line: found.line + line - 1, column: found.column };
  return {
    file,
    places: (paths) =>
      locate(
        text,
        paths.map((path) => [...prefix, ...path]),
      ).map(placeOf),
  };
}

/**
 * Where a mesh config is that is the text at `prefix` of a document, as in a ConfigMap. In a literal block (`mesh: |`) places
 * are exact; in a text that is written otherwise, the key of the text is the nearest that there is.
 */
export function placedInText(outer: MeshText, prefix: YamlPath, inner: string): Pick<MeshDocument, "file" | "places"> {
  const { file } = outer;
  const { places } = placedIn(outer, prefix);
  return {
    file,
    places(paths) {
      const [key] = places([[]]);
      const lines = outer.text.split(/\r\n|\r|\n/u);
      const innerLines = inner.split("\n");
      return locate(inner, paths).map((found) => {
        if (key?.line === undefined || found === undefined) return key;
        const keyLine = key.line - outer.line;
        const written = lines[keyLine + found.line] ?? "";
        const meant = innerLines[found.line - 1] ?? "";
        const isLiteral = literalBlock.test(lines[keyLine] ?? "") && meant !== "" && written.endsWith(meant);
        return isLiteral
          ? { file, line: key.line + found.line, column: written.length - meant.length + found.column }
          : key;
      });
    },
  };
}

const literalBlock = /:\s*\|[-+0-9]*\s*(?:#.*)?$/u;
