import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { NO_SECRETS, SecretMask } from "../../src/client/secret-mask.js";

const TOKEN = 'eyJhbGci.Oi"JI/UzI1+NiJ9=';
let mask: SecretMask;
beforeEach(() => {
  mask = new SecretMask({ authorization: `Bearer ${TOKEN}` });
});

const escapedByJson = (text: string) => JSON.stringify(text).slice(1, -1);
const inUnicodeEscapes = (text: string) =>
  [...text].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("SecretMask", () => {
  test.each([
    ["as it is", TOKEN],
    ["in JSON", escapedByJson(TOKEN)],
    ["in JSON within JSON", escapedByJson(escapedByJson(TOKEN))],
    ["in JSON within JSON within JSON", escapedByJson(escapedByJson(escapedByJson(TOKEN)))],
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

  test("masks base64 with the letters in which its alphabets differ, also where JSON escapes them", () => {
    const token = "~~~~????>>>>";
    const signs = new SecretMask({ authorization: `Bearer ${token}` });
    const standard = base64(token);
    expect(standard).toMatch(/\+.*\/.*\+/);
    for (const form of [standard, standard.replaceAll("/", "\\/"), Buffer.from(token).toString("base64url")]) {
      expect(signs.clean(`no ${form}!`)).toBe("no ********!");
    }
    expect(signs.clean(`no ${standard.replaceAll("+", "/")}!`)).toBe(`no ${standard.replaceAll("+", "/")}!`);
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
          // The text around it and the mask may form the secret again.
          fc.pre(!`${before}********${after}`.includes(token) && !"********".includes(token));
          expect(some.clean(text)).not.toContain(token);
          if (token.length >= 8) expect(JSON.parse(some.cleanData(JSON.stringify({ text }))).text).not.toContain(token);
        },
      ),
      { examples: [["/a-token-of-a-server", "\\", ""]] },
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
    [{ authorization: `basic ${base64("operator:pa55word")}` }, "operator:pa55word"],
    [{ "Proxy-Authorization": "Bearer  t0ken-of-a-proxy " }, "t0ken-of-a-proxy"],
    [{ cookie: 'lang=en;session="s3cr3t-cookie"' }, "s3cr3t-cookie"],
    [{ "x-api-key": "ApiKey k3y-of-the-api" }, "k3y-of-the-api"],
    [{ "x-anything": "hunter2hunter2" }, "hunter2hunter2"],
    [{ "x-anything": "I am hunter" }, "hunter"],
  ])("masks what %j holds", (headers, secret) => {
    expect(new SecretMask(headers).clean(`no ${secret}!`)).toBe("no ********!");
  });

  test("leaves a text alone where there is nothing to mask", () => {
    expect(NO_SECRETS.isEmpty).toBe(true);
    expect(NO_SECRETS.clean("any text")).toBe("any text");
    expect(mask.isEmpty).toBe(false);
    expect(new SecretMask({ "x-anything": "five5" }).clean("no five5")).toBe("no five5");
  });

  test("masks a token of two characters only together with its scheme", () => {
    expect(new SecretMask({ authorization: "Bearer ab" }).clean("no Bearer ab, ab")).toBe("no ********, ab");
  });

  test("masks the longer of two secrets if it begins with the other", () => {
    const cookies = new SecretMask({ cookie: "a=s3cr3t-one; b=s3cr3t-one-and-more" });
    expect(cookies.clean("no s3cr3t-one-and-more!")).toBe("no ********!");
  });

  test("masks a password with a space, a control character or a letter that is no ASCII", () => {
    const password = "p\u0001ss w\u00f6rd";
    const basic = new SecretMask({ authorization: `Basic ${base64(`operator:${password}`)}` });
    expect(basic.clean(`no ${password}!`)).toBe("no ********!");
    expect(basic.clean(`no ${escapedByJson(password)}!`)).toBe("no ********!");
    expect(basic.clean(`no ${password.replace(" ", "+")}!`)).toBe("no ********!");
    expect(basic.clean(`no ${password.replace(" ", "%20")}!`)).toBe("no ********!");
    expect(basic.clean(`no ${password.replace("w", "+")}!`)).not.toBe("no ********!");
  });

  test("masks the beginning of a secret at the end of a text that was cut", () => {
    expect(mask.cleanCutOff(`token ${TOKEN.slice(0, 9)}`)).toBe("token ********");
    expect(mask.cleanCutOff(`token ${TOKEN.slice(0, 4)}`)).toBe("token ********");
    expect(mask.cleanCutOff(`token ${TOKEN.slice(0, 3)}`)).toBe(`token ${TOKEN.slice(0, 3)}`);
    expect(mask.quote(`${"x".repeat(35)}${TOKEN}`, 40)).toBe(`${"x".repeat(35)}*****...`);
  });

  test("quotes text and bytes, and shortens only what is longer than is wanted", () => {
    expect(mask.quote("short", 5)).toBe("short");
    expect(mask.quote("longer", 5)).toBe("longe...");
    expect(mask.quote(Buffer.from(`caf\u00e9 ${TOKEN}`), 20)).toBe("caf\u00e9 ********");
  });

  test.each(["as it is", "escaped"])("masks secrets of headers that are known for them in data, %s", (form) => {
    const known = new SecretMask({ "x-api-key": "k3y/of/the/api" });
    const text = form === "escaped" ? "k3y\\/of\\/the\\/api" : "k3y/of/the/api";
    expect(known.cleanData(`{"error":"no ${text}"}`)).toBe('{"error":"no ********"}');
    expect(known.cleanData('{"error":"no k3y%2Fof%2fthe%2Fapi"}')).toBe('{"error":"no ********"}');
  });

  test("masks a short token in data only after words such as token", () => {
    const short = new SecretMask({ authorization: "Bearer abc12", "x-api-key": "xyz34" });
    const data = { keyspace: "abc12", error: 'bad token "abc12": Bearer abc12, token=abc12, KEY xyz34!' };
    expect(JSON.parse(short.cleanData(JSON.stringify(data)))).toEqual({
      keyspace: "abc12",
      error: 'bad token "********": Bearer ********, token=********, KEY ********!',
    });
    expect(short.cleanData('"key: xyz34"')).toBe('"key: ********"');
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
