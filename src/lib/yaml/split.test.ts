import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitYaml } from "./split.ts";

const texts = (stream: string): string[] => [...splitYaml(stream)].map((document) => document.text);

describe("splitting a stream", () => {
  it("cuts at lines of three dashes", () => {
    expect(texts("a: 1\n---\nb: 2\n")).toEqual(["a: 1\n", "b: 2\n"]);
  });

  it("takes dashes that a space, a tab or a comment follows", () => {
    expect(texts("a: 1\n--- \nb: 2\n---\t\nc: 3\n--- # next\nd: 4\n")).toEqual([
      "a: 1\n",
      "b: 2\n",
      "c: 3\n",
      "d: 4\n",
    ]);
  });

  it("keeps the marker where content stands on its line", () => {
    expect(texts("--- {a: 1}\n--- |\n  text\n")).toEqual(["--- {a: 1}\n", "--- |\n  text\n"]);
  });

  it("ends a document at three dots", () => {
    expect(texts("a: 1\n...\n# between\n---\nb: 2\n...\nc: 3\n")).toEqual(["a: 1\n", "b: 2\n", "c: 3\n"]);
  });

  it("reads CRLF and lone CR line ends", () => {
    expect(texts("a: 1\r\n---\r\nb: 2\r\n")).toEqual(["a: 1\r\n", "b: 2\r\n"]);
    expect(texts("a: 1\r---\rb: 2")).toEqual(["a: 1\r", "b: 2"]);
  });

  it("passes over a byte order mark, at the start and where files were joined", () => {
    expect(texts("\ufeffa: 1\n\ufeff---\nb: 2\n")).toEqual(["a: 1\n", "b: 2\n"]);
  });

  it("leaves out what is empty or only comments", () => {
    expect(texts("# licence\n---\n\n---\n  # nothing\n---\na: 1\n---\n")).toEqual(["a: 1\n"]);
    expect(texts("")).toEqual([]);
    expect(texts("---\n---")).toEqual([]);
  });

  it("leaves PEM blocks and indented dashes alone", () => {
    const pem = "cert: |\n  -----BEGIN CERTIFICATE-----\n  ---\n  -----END CERTIFICATE-----\n";
    expect(texts(`${pem}---\nb: 2\n`)).toEqual([pem, "b: 2\n"]);
    const bare = "a: 1\n# -----BEGIN CERTIFICATE-----\n";
    expect(texts(`${bare}---\n-----BEGIN\n`)).toEqual([bare, "-----BEGIN\n"]);
  });

  it("keeps directives with their document", () => {
    expect(texts("# c\n%YAML 1.1\n%TAG !e! x\n---\na: 1\n---\nb: 2\n...\n%YAML 1.1\n---\nc: 3\n")).toEqual([
      "# c\n%YAML 1.1\n%TAG !e! x\n---\na: 1\n",
      "b: 2\n",
      "%YAML 1.1\n---\nc: 3\n",
    ]);
  });

  it("says where each document begins", () => {
    const stream = "a: 1\r\n---\r\n\r\n# c\r\nb: 2\r\n---\r\nc: 3\r\n";
    expect([...splitYaml(stream)].map(({ line, offset }) => [line, offset])).toEqual([
      [1, 0],
      [3, 11],
      [7, stream.indexOf("c: 3")],
    ]);
  });

  it("finds again what was joined", () => {
    const piece = fc.stringMatching(/^(?:[a-z]{1,3}: [a-z.-]{1,4}\n){1,4}$/);
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.constantFrom("---\n", "--- # x\n", "...\n---\n"),
        (pieces, marker) => {
          expect(texts(pieces.join(marker))).toEqual(pieces);
        },
      ),
    );
  });

  it("never loses a character but markers, comments and blanks", () => {
    const soup = fc.array(fc.constantFrom("---", "...", "\n", "\r\n", " ", "#", "x", "%Y", "\ufeff", "\t", "- "), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(soup, (parts) => {
        const stream = parts.join("");
        const documents = [...splitYaml(stream)];
        let end = 0;
        for (const { text, offset, line } of documents) {
          expect(offset).toBeGreaterThanOrEqual(end);
          expect(stream.slice(offset, offset + text.length)).toBe(text);
          expect(line).toBe(stream.slice(0, offset).split(/\r\n|\r|\n/).length);
          const between = stream.slice(end, offset);
          expect(between.replaceAll(/#[^\r\n]*|---|\.\.\.|[\s\ufeff]/g, "")).toBe("");
          end = offset + text.length;
        }
        expect(stream.slice(end).replaceAll(/#[^\r\n]*|---|\.\.\.|[\s\ufeff]/g, "")).toBe("");
      }),
      { numRuns: 2000 },
    );
  });
});
