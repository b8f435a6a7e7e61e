import { moment } from "../json.ts";
import { byKey, sortedListing } from "../listing.ts";
import type { Entry } from "../listing.ts";
import { quote } from "../query.ts";
import { badRequest, list } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** A problem as it is listed. */
export interface ProblemView {
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  readonly message: string;
  readonly action: string;
  readonly at?: { readonly file: string; readonly line?: number; readonly column?: number };
  readonly subject?: string;
  readonly source: string;
  /** Wall clock milliseconds. */
  readonly since: number;
}

/** The problems that there are now. */
export interface ProblemsView<P extends ProblemView = ProblemView> {
  /** The same array as before while nothing changed, best of all: then only the first page has to put it in order. */
  list(): readonly P[];
  counts(): { readonly error: number; readonly warning: number; readonly info: number };
}

const severities = ["error", "warning", "info"];

/** @param placeOf where a problem is shown; in the order it keeps the place where it was found, so that pages fit together */
export function problemsTopic<P extends ProblemView>(
  problems: ProblemsView<P>,
  placeOf: (problem: P) => ProblemView["at"] = ({ at }) => at,
): Topic {
  const inOrder = new WeakMap<readonly P[], readonly ProblemEntry<P>[]>();
  const entries = (): readonly ProblemEntry<P>[] => {
    const all = problems.list();
    const known = inOrder.get(all) ?? all.map((problem) => new ProblemEntry(problem, placeOf)).sort(byKey);
    inOrder.set(all, known);
    return known;
  };
  return {
    name: "problems",
    summary: "What is wrong with the configuration now, worst first, then by place; counted by severity.",
    parameters: { severity: "only those of this severity: error, warning or info" },
    read({ parameter }) {
      const severity = parameter("severity");
      if (severity !== undefined && !severities.includes(severity)) {
        return badRequest(`severity is ${quote(severity)}`, "give error, warning or info");
      }
      const { error, warning, info } = problems.counts();
      const all = entries();
      const wanted = severity === undefined ? all : all.filter((entry) => entry.severity === severity);
      return list(sortedListing(wanted), { counts: { error, warning, info } });
    },
  };
}

// A key becomes part of a URL, so it may not grow with what somebody wrote.
const LONGEST_IN_KEY = 200;

class ProblemEntry<P extends ProblemView> implements Entry {
  readonly key: string;
  readonly #problem: P;
  readonly #placeOf: (problem: P) => ProblemView["at"];

  constructor(problem: P, placeOf: (problem: P) => ProblemView["at"]) {
    this.#problem = problem;
    this.#placeOf = placeOf;
    const { severity, at, code, subject = "", source, message } = problem;
    const rank = severities.indexOf(severity);
    this.key = `${rank}\n${at?.file ?? ""}\n${digits(at?.line)}${digits(at?.column)}\n${code}\n${subject}\n${source}\n${message.slice(0, LONGEST_IN_KEY)}`;
  }

  get severity(): string {
    return this.#problem.severity;
  }

  show(): { readonly [field: string]: string | number | undefined } {
    const { severity, code, message, action, subject, source, since } = this.#problem;
    const at = this.#placeOf(this.#problem);
    const place = { file: at?.file, line: at?.line, column: at?.column };
    return { severity, code, message, action, ...place, subject, source, since: moment(since) };
  }
}

// The count of digits goes first, so that line 9 comes before line 10 in the order of texts.
function digits(count = 0): string {
  const text = String(count);
  return `${text.length}${text}`;
}
