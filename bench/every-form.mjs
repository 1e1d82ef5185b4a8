// One command with an answer of 100,000 rows, in every form, against what a user would type instead.
import { jsonArray } from "./answers.mjs";
import { parseAlone, shell, tasks } from "./commands.mjs";
import { interleave, mustPrint } from "./measure.mjs";
import * as slow from "./reference.mjs";
import { serve } from "./servers.mjs";
import { factor, megabytes, seconds } from "./text.mjs";

const TOTAL = 100_000;
const ROUNDS = 3;

export const TITLES = ["command", "time", "against", "ratio", "target", "peak memory"];

/**
 * @param name the subcommand
 * @param argument its module or id
 * @param element makes a row of the answer
 * @param columns what jq makes a line of, for `column`
 * @returns the answer, and a line of the table for each form
 */
export async function everyForm(name, argument, element, columns) {
  const body = jsonArray(TOTAL, element);
  const server = await serve(() => body);
  const command = (...args) => tasks(server, name, argument, ...args);
  const forms = [
    ["piped", [], "curl | jq | column", "0.4, 250 MB", slow.paddedTable],
    ["--json", ["--json"], "curl | jq .", "1.0", slow.json],
    ["-o ndjson", ["-o", "ndjson"], "JSON.parse alone", "1.5, 120 MB", slow.ndjson],
    ["-o csv", ["-o", "csv"], "JSON.parse alone", "1.5, 120 MB", slow.csv],
  ];
  const runs = await interleave(
    {
      ...Object.fromEntries(forms.map(([form, args]) => [form, command(...args)])),
      "curl | jq | column": shell(`curl -s ${server.url} | jq -r '.[]|${columns}|@tsv' | column -t -s '\t'`),
      "curl | jq .": shell(`curl -s ${server.url} | jq .`),
      "JSON.parse alone": parseAlone(server.url),
    },
    ROUNDS,
  );
  await server.stop();
  const rows = forms.map(([form, , other, target, reference]) => {
    mustPrint(form, runs.hashes(form), reference(TOTAL, element));
    return [
      `\`${name}${form === "piped" ? ", piped" : ` ${form}`}\``,
      seconds(runs.ms(form)),
      `\`${other}\` ${seconds(runs.ms(other))}`,
      factor(runs.ratio(form, other)),
      target,
      megabytes(runs.peakMb(form)),
    ];
  });
  return { body, forms, rows };
}
