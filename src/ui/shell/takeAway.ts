// A view as text for elsewhere: Markdown for a message, HTML for another page. Pure.

import type { ShareCard } from "./shareCard.ts";

/** Characters that are syntax in Markdown or HTML, as themselves. */
const markdown = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+!|<>&~]/g, "\\$&");

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const html = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);

/** Fragments keep ( ) and ' as they are; Markdown ends a link at the first of them. */
const inMarkdown = (link: string): string =>
  link.replaceAll(/[()'<>]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export const markdownCard = ({ title, description }: ShareCard, link: string): string =>
  `[${markdown(title)}](${inMarkdown(link)})\n${markdown(description)}\n`;

/** `allow`: WebGPU needs no permission, but keeping the whole page isolated does. */
export const embedCode = ({ title }: ShareCard, link: string): string =>
  `<iframe src="${html(link)}" title="${html(title)}" width="100%" height="640" loading="lazy" allow="cross-origin-isolated"></iframe>\n`;
