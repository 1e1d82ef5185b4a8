import type { Registry } from "../cli/registry.js";
import { registerTtl, type Ttl } from "./ttl.js";

const USER_TTL: Ttl = {
  command: "user-ttl",
  field: "user_ttl",
  label: "Current user ttl",
  governs: "finished tasks started by users",
  get: (client, options) => client.userTtl(options),
  set: (client, seconds, options) => client.setUserTtl(seconds, options),
};

export const register = (registry: Registry): void => registerTtl(registry, USER_TTL);
