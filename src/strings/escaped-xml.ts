const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as XML and HTML have it, between elements and in an attribute. */
export const escapedXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
