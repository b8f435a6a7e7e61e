import type { CredentialKeeper } from "../../grpc/credentials/keeper.ts";
import type { ProblemList } from "../../runtime/problems.ts";

/** Lists among the problems why new certificate files are refused, for as long as they are. @param port whose files they are */
export function listRefusals(credentials: CredentialKeeper, problems: ProblemList, port: "server" | "xds"): void {
  credentials.onRefusal((refusal) => {
    if (refusal === undefined) {
      problems.set("tls", port, []);
      return;
    }
    const message = `new TLS credentials refused: ${refusal}`;
    problems.set("tls", port, [
      { severity: "error", code: "tls-refused", message, action: "the old ones stay in service" },
    ]);
  });
}
