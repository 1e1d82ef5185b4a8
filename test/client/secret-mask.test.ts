import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretMask } from "../../src/client/secret-mask.js";

const TOKEN = 'eyJhbGci.Oi"JI/UzI1+NiJ9=';
const mask = new SecretMask({ authorization: `Bearer ${TOKEN}` });

const escapedByJson = (text: string) => JSON.stringify(text).slice(1, -1);
const inUnicodeEscapes = (text: string) =>
  [...text].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("SecretMask", () => {
  test.each([
    ["as it is", TOKEN],
    ["in JSON", escapedByJson(TOKEN)],
    ["in JSON within JSON", escapedByJson(escapedByJson(TOKEN))],
    ["in escapes of JSON", inUnicodeEscapes(TOKEN)],
    ["in a URL", encodeURIComponent(TOKEN)],
    ["in base64", base64(TOKEN)],
    ["in base64, one further", base64(`:${TOKEN}`)],
    ["in base64, with more on both sides", base64(`ab${TOKEN}cde`)],
    ["in base64 of URLs", Buffer.from(TOKEN).toString("base64url")],
  ])("masks the token %s", (_name, form) => {
    const cleaned = mask.clean(`bad ${form} there`);
    expect(cleaned).toMatch(/^bad .{0,8}\*{8}.{0,8} there$/);
    expect(cleaned).not.toContain(form.slice(4, 16));
  });

  test("masks a token of any characters anywhere in a text", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
          minLength: 6,
        }),
        fc.string(),
        fc.string(),
        (token, before, after) => {
          const some = new SecretMask({ authorization: `Bearer ${token}` });
          const text = before + token + after;
          // What stands around it and the mask itself may make it up anew.
          fc.pre(!`${before}********${after}`.includes(token) && !"********".includes(token));
          expect(some.clean(text)).not.toContain(token);
          if (token.length >= 8) expect(JSON.parse(some.cleanData(JSON.stringify({ text }))).text).not.toContain(token);
        },
      ),
    );
  });

  test("masks a short token only as a whole word", () => {
    const short = new SecretMask({ authorization: "Bearer abc" });
    expect(short.clean("bad token abc, 'Bearer abc': abcde is no fault")).toBe(
      "bad token ********, 'Bearer ********': abcde is no fault",
    );
  });

  test.each(["abc", "abc1", "abc12", "abc123"])("masks the short token %s in base64", (token) => {
    const short = new SecretMask({ authorization: `Bearer ${token}` });
    for (const text of [token, `:${token}`, `ab${token}`, `user:${token}!`]) {
      expect(short.clean(`bad token ${base64(text)}`)).not.toContain(base64(text));
    }
  });

  test.each<[Record<string, string>, string]>([
    [{ Cookie: "lang=en; session=s3cr3t-cookie" }, "s3cr3t-cookie"],
    [{ "x-api-key": "k3y-of-the-api" }, "k3y-of-the-api"],
    [{ authorization: `Basic ${base64("operator:pa55word")}` }, "pa55word"],
    [{ authorization: `Basic ${base64("operator:pa55word")}` }, base64("operator:pa55word")],
    [{ "x-anything": "hunter2hunter2" }, "hunter2hunter2"],
  ])("masks what %j holds", (headers, secret) => {
    expect(new SecretMask(headers).clean(`no ${secret}!`)).toBe("no ********!");
  });

  test("masks the beginning of a secret at the end of a text that was cut", () => {
    expect(mask.cleanCutOff(`token ${TOKEN.slice(0, 9)}`)).toBe("token ********");
    expect(mask.quote(`${"x".repeat(35)}${TOKEN}`, 40)).toBe(`${"x".repeat(35)}*****...`);
  });

  test("masks a short token in data only after words such as token", () => {
    const short = new SecretMask({ authorization: "Bearer abc12" });
    const data = { keyspace: "abc12", error: 'bad token "abc12": Bearer abc12, token=abc12!' };
    expect(JSON.parse(short.cleanData(JSON.stringify(data)))).toEqual({
      keyspace: "abc12",
      error: 'bad token "********": Bearer ********, token=********!',
    });
  });

  test("leaves data alone that repeats a header without secrets", () => {
    const data = '{"keyspace":"production","id":"abcd"}';
    expect(new SecretMask({ "x-cluster": "production", authorization: "Bearer abcd" }).cleanData(data)).toBe(data);
  });

  test("takes linear time", () => {
    const text = 'Bearer eyJhbGci.Oi\\".'.repeat(100_000);
    expect(mask.clean(text)).toBe(text);
  });
});
