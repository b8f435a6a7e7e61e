import { describe, expect, test } from "vitest";
import { type FindingId, findingIds } from "./finding-ids.ts";
import { type Row, type Rows, tls, well } from "./testing/cases.ts";
import { type Around, examineText } from "./testing/examine-text.ts";
import { releaseRows } from "./testing/release-rows.ts";
import { resourceRows } from "./testing/resource-rows.ts";
import { sourceRows } from "./testing/source-rows.ts";
import { tlsRows } from "./testing/tls-rows.ts";

const rows: Rows = { ...sourceRows, ...tlsRows, ...releaseRows, ...resourceRows };
const ids = Object.keys(rows) as FindingId[];

const cases = (side: keyof Row): readonly (readonly [FindingId, string, Around])[] =>
  ids.flatMap((id) => rows[id]![side].map(([text, around = {}]) => [id, text, around] as const));

describe("a finding", () => {
  test("has examples, unless it takes a connection", () => {
    const connected = ["reached", "unreachable"];
    expect([...ids, ...connected].toSorted()).toEqual(Object.keys(findingIds).toSorted());
  });

  test.each(cases("has"))("%s is told of %j %j, no worse than its table says", (id, text, around) => {
    const found = examineText(text, around).findings.filter((finding) => finding.id === id);
    expect(found).not.toEqual([]);
    const order = ["info", "warning", "error"];
    for (const { severity, message } of found) {
      expect(order.indexOf(severity)).toBeLessThanOrEqual(order.indexOf(findingIds[id].worst));
      expect(message).toMatch(/[.]$/u);
      expect(message).not.toMatch(/undefined|null|\[object/u);
    }
  });

  test.each(cases("hasNot"))("%s is not told of %j %j", (id, text, around) => {
    expect(examineText(text, around).findings.map((finding) => finding.id)).not.toContain(id);
  });

  test.each(ids)("%s is told at its worst of something", (id) => {
    const severities = rows[id]!.has.flatMap(([text, around]) =>
      examineText(text, around)
        .findings.filter((finding) => finding.id === id)
        .map(({ severity }) => severity),
    );
    expect(severities).toContain(findingIds[id].worst);
  });
});

test("nothing is wrong with a Galley beside istiod, plaintext at its loopback address, and with the cluster", () => {
  expect(examineText(well, { version: "1.25" }).findings.filter(({ severity }) => severity !== "info")).toEqual([]);
});

test("findings come worst first", () => {
  const severities = examineText(tls("mode: MUTUAL")).findings.map(({ severity }) => severity);
  expect(severities).toEqual(severities.toSorted((a, b) => "ewi".indexOf(a[0]!) - "ewi".indexOf(b[0]!)));
});
