import { keyspaceCompaction, keyspaceRepair } from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario } from "./scenario.js";

function page(status: string): string {
  return `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n</body>\r\n</html>\r\n`;
}

const JSON_TYPE = "application/json";
const UNAUTHORIZED = '{"message":"unauthorized","code":401}';
/** Discovery works, so a client gets as far as the failing calls. */
const path = "/task_manager/**";

/** The agent or proxy in front of a server fails now and then: it rejects the token, or the server does not answer it. */
export const gatewayScenario: Scenario = {
  name: "gateway",
  description: "an agent and a proxy before the server: 401 now and then, and 502 and 504 with HTML",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [
    keyspaceCompaction("major compaction", "shop", { afterSeconds: -10, runsSeconds: 600 }),
    keyspaceRepair("accounts", { runsSeconds: 60, everySeconds: 90 }),
  ],
  faults: [
    { path, afterSeconds: 5, probability: 0.1, status: 502, body: page("502 Bad Gateway") },
    { path, afterSeconds: 5, probability: 0.1, status: 504, body: page("504 Gateway Time-out"), latencyMs: 1_000 },
    { path, afterSeconds: 5, probability: 0.1, status: 401, body: UNAUTHORIZED, contentType: JSON_TYPE },
  ],
};
