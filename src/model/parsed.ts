import type { Issue } from "../wire/issue.ts";

export type { Issue, Path } from "../wire/issue.ts";
export { formatPath } from "../wire/issue.ts";

/** A parser's verdict. Issues may accompany a success (warnings) and always accompany a failure. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };
