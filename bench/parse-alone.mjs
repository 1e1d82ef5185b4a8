// The least that any reader of an answer must do: fetch it, and parse it.
import { get } from "node:http";

get(process.argv[2], async (response) => {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  process.stdout.write(`${JSON.parse(Buffer.concat(chunks).toString("utf8")).length}\n`);
  process.exit();
});
