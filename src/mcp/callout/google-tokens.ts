import type { Clock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { TokenSource } from "./credentials.ts";

/** What the tokens are good for: every API of Google Cloud that the account may use, as in Galley 1.3.6. */
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** Time for a token, or for finding out where tokens come from, milliseconds. The library itself may wait for ever. */
const PATIENCE_MS = 20_000;

/**
 * Access tokens of the application default credentials: those of the file that `GOOGLE_APPLICATION_CREDENTIALS` names, else of
 * the file that `gcloud` writes, else of the machine's metadata server. A token is used until five minutes before it expires.
 * @throws GalleyError `GLY_SINK_CREDENTIALS` when there are no such credentials.
 */
export async function googleTokens(clock: Clock): Promise<TokenSource> {
  // Loaded in this mode alone: it is large, and looks at the environment.
  const { GoogleAuth } = await import("google-auth-library");
  const auth = new GoogleAuth({ scopes: SCOPE });
  try {
    await inTime(clock, "the credentials", auth.getClient());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GalleyError("GLY_SINK_CREDENTIALS", `there are no Google credentials to call sinks with: ${why}`, {
      cause: error,
    });
  }
  return async () => {
    const token = await inTime(clock, "a token", auth.getAccessToken());
    if (typeof token !== "string" || token === "") throw new Error("Google gave an answer without a token");
    return token;
  };
}

function inTime<T>(clock: Clock, what: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(PATIENCE_MS, () =>
      reject(new Error(`Google did not give ${what} within ${PATIENCE_MS / 1000} s`)),
    );
    void answer.then(resolve, reject).finally(cancel);
  });
}
