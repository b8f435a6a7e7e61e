import type { AccessListKeeper } from "../../grpc/access/keeper.ts";
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

/** Lists among the problems that what the file of the access list holds is not in force, for as long as that is so. */
export function listAccessRefusals(access: AccessListKeeper, problems: ProblemList): void {
  access.onRefusal((refusal) => {
    if (refusal === undefined) {
      problems.set("access-list", "server", []);
      return;
    }
    const { severity, why, admits } = refusal;
    const action = `the last one stays in force, for ${admits}`;
    problems.set("access-list", "server", [{ severity, code: "access-list-refused", message: why, action }]);
  });
}
