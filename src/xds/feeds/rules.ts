import type { judgeForIstiod } from "./istiod-rules.ts";
import type { TranslatedPlugins } from "./wasm.ts";

/** What decides on content, and translates it. It stands on the API's descriptors, which take long to load. */
interface Rules {
  readonly judgeForIstiod: typeof judgeForIstiod;
  readonly TranslatedPlugins: typeof TranslatedPlugins;
}

let loaded: Rules | undefined;

/** Whether the rules are loaded. */
export function areRulesLoaded(): boolean {
  return loaded !== undefined;
}

/** Loads the rules, unless they are. */
export async function loadRules(): Promise<void> {
  if (loaded !== undefined) return;
  const [judging, translating] = await Promise.all([import("./istiod-rules.ts"), import("./wasm.ts")]);
  loaded = { judgeForIstiod: judging.judgeForIstiod, TranslatedPlugins: translating.TranslatedPlugins };
}

/** The rules. @throws Error when they are not loaded: a bug of the caller */
export function rules(): Rules {
  if (loaded === undefined) throw new Error("the rules of xDS are used before they are loaded");
  return loaded;
}
