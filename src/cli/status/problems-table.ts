import { formatPlace, wordsOf } from "../../model/problem.ts";
import type { Fields } from "./fields.ts";
import { age, type View } from "./view.ts";
import { wrappedTable } from "./wrapped-table.ts";

/** Problems as the topic `problems` lists them, with all of their text. */
export function problemsTable(problems: readonly Fields[], { paint, width, now }: View): string {
  const rows = problems.map((problem) => {
    const since = age(problem.moment("since"), now);
    return [problem.text("severity"), since, placeOf(problem), describe(problem)];
  });
  return wrappedTable(rows, {
    header: ["SEVERITY", "AGE", "PLACE", "PROBLEM"],
    width,
    paint: (cell, row, column) => (row < 0 ? paint.bold(cell) : column === 0 ? paintSeverity(cell) : cell),
  });

  function paintSeverity(severity: string): string {
    if (severity === "error") return paint.red(severity);
    return severity === "warning" ? paint.yellow(severity) : severity;
  }
}

function placeOf(problem: Fields): string {
  const [file, line, column] = [problem.text("file"), problem.number("line"), problem.number("column")];
  if (file === "") return `(${problem.text("source")})`;
  return formatPlace({ file, ...(line > 0 ? { line } : {}), ...(column > 0 ? { column } : {}) });
}

function describe(problem: Fields): string {
  const subject = problem.text("subject");
  const words = wordsOf({ message: problem.text("message"), action: problem.text("action") });
  return `${subject === "" ? "" : `${subject}: `}${words} [${problem.text("code")}]`;
}
