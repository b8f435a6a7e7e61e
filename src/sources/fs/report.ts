import type { Problem } from "../../model/problem.ts";
import type { Ledger } from "./ledger.ts";
import type { Claim, FileRecord, Note } from "./records.ts";
import { MORE_PROBLEMS, summaryOf, Worst } from "./worst.ts";

/** Problems of one file that are listed one by one. */
const MAX_LISTED = 500;

const NOT_LISTED = "not listed";

/** All that there is to say about a file now, in the order of its lines; of very much, the worst. */
export function problemsOf(file: FileRecord, ledger: Ledger): Problem[] {
  if (file.fault !== undefined) return [file.fault]; // what it held before is not what it holds now
  const worst = new Worst<Problem>(MAX_LISTED);
  for (const document of file.documents) {
    for (const note of document.notes) worst.add(note.severity, () => problemOf(file, note, document.line));
    if (!ledger.isContested) continue;
    for (const claim of document.claims) {
      const winner = ledger.winnerOver(claim);
      if (winner !== undefined) worst.add("error", () => duplicateOf(claim, winner));
    }
  }
  const rest = summaryOf(worst.leftOut, "the file");
  if (rest === undefined) return [...worst.listed];
  return [...worst.listed, { ...rest, code: MORE_PROBLEMS, action: NOT_LISTED, at: { file: file.shown } }];
}

function problemOf(file: FileRecord, note: Note, firstLine: number): Problem {
  const { severity, code, message, column, subject } = note;
  const line = firstLine + note.line;
  return {
    severity,
    code,
    message,
    action: actionOn(file, note),
    at: column === undefined ? { file: file.shown, line } : { file: file.shown, line, column },
    ...(subject === undefined ? {} : { subject }),
  };
}

function actionOn(file: FileRecord, { outcome, identity, code }: Note): string {
  if (code === MORE_PROBLEMS) return NOT_LISTED;
  if (outcome === "served" && code.startsWith("not-in-")) return "other sinks are";
  if (outcome === "served") return "served all the same";
  const held = file.kept.some((claim) => claim.name === identity?.name);
  if (held) return "the last good version stays in service";
  if (outcome === "ignored") return "the document is ignored";
  if (identity === undefined && file.kept.length > 0) {
    return "not served; what the file held before stays in service until this is mended";
  }
  return "not served";
}

function duplicateOf(claim: Claim, winner: Claim): Problem {
  const { file, line } = claim.document;
  return {
    severity: "error",
    code: "duplicate",
    message: `${winner.place} has a resource of this name as well, and comes first; remove or rename one`,
    action: "not served",
    at: { file: file.shown, line: line + claim.line },
    ...(claim.name === "" ? {} : { subject: `${claim.kind.slice(claim.kind.indexOf("/") + 1)} ${claim.name}` }),
  };
}
