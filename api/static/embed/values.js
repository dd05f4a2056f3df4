// What one feature says, in words: a title, a sentence for the live region, a list of values.

import { element, notice } from "./dom.js";
import { lang, say } from "./strings.js";

const numbers = new Intl.NumberFormat(lang, { maximumFractionDigits: 2, useGrouping: "min2" });
const dates = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" });

/** The name of a feature; hexagons are named by the municipality their centre lies in. */
export function nameOf(layer, properties, municipality) {
  if (layer.name === "h3" || layer.name === "id") {
    return municipality ? `${say.hexagon} ${say.near} ${municipality}` : say.hexagon;
  }
  return String(properties[layer.name] ?? properties.id);
}

/** One sentence: name, legend, value, and how far to trust it. */
export function sentence(layer, choice, row, properties, name) {
  const parts = [name];
  if (row && choice) parts.push(`${choice.title[lang]}: ${figure(layer, choice, row, properties)}`);
  if (isUnreliable(layer, row, properties)) parts.push(say.unreliable);
  return parts.join(". ");
}

function figure(layer, choice, row, properties) {
  const field = layer.fields.find((f) => f.name === choice.field);
  const exact = field?.unit && row.kind === "class";
  return (exact ? valueOf(field, properties) : field && row.kind !== "class" && insteadOf(field, properties)) || row.title[lang];
}

function isUnreliable(layer, row, properties) {
  return Boolean(layer.unreliable) && row?.kind === "class" && properties[layer.unreliable.field] === layer.unreliable.value;
}

/** What must be said of a feature that is invented, or may be. */
function inventedOf(layer, properties) {
  return properties.dato_sintetico === false ? null : say.synthetic[layer.synthetic];
}

/**
 * Fill the panel with what the feature says: first what the map shows of it, or `lines` that say
 * it in words; the rest is folded. `page` is where all of it stands.
 */
export function fillPanel(panel, { layer, choice, row, properties, name, lines, page }, onClose) {
  const close = element("button", { type: "button", class: "close", "aria-label": say.close }, "×");
  close.addEventListener("click", onClose);
  const first = firstOf(layer, choice);
  const said = (field) => (field.name === choice?.field && row ? figure(layer, choice, row, properties) : valueOf(field, properties));
  const others = layer.fields.filter((field) => !first.includes(field) && field.name !== layer.name);
  panel.replaceChildren(...[
    element("h2", { id: "values-title" }, name),
    close,
    notice(isUnreliable(layer, row, properties) ? say.unreliable : null),
    notice(inventedOf(layer, properties)),
    ...(lines ?? []),
    listOf(first, said, choice?.field),
    page ? element("p", {}, element("a", { href: page }, say.page)) : null,
    folded(listOf(others, said)),
  ].filter((node) => node !== null));
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

/** What stands open in the panel, as sentences. */
export function spoken(panel) {
  const parts = [...panel.querySelectorAll(":scope > :is(h2, p), :scope > dl > :is(dt, dd)")].filter((node) => !node.querySelector("a"));
  return parts.map((node) => `${node.textContent.replace(/\.$/, "")}${node.localName === "dt" ? ":" : "."}`).join(" ");
}

/** The fields that say what the map shows: the one of its colours, the figure behind it, its ends. */
function firstOf(layer, choice) {
  if (!choice) return [];
  const names = [choice.field, layer.measure, ...["_inf", "_min", "_sup", "_max"].map((end) => `${layer.measure}${end}`)];
  return names.map((name) => layer.fields.find((field) => field.name === name)).filter((field, at, all) => field && all.indexOf(field) === at);
}

function listOf(fields, said, main) {
  const list = element("dl", { class: "facts" });
  for (const field of fields) {
    const text = said(field);
    const mark = { class: field.name === main ? "main" : null };
    if (text !== null) list.append(element("dt", mark, field.title[lang]), element("dd", mark, text));
  }
  return list.childElementCount ? list : null;
}

function folded(list) {
  return list && element("details", {}, element("summary", {}, say.more), list);
}

/** A value in words; its band or status if it has only that; null if there is nothing to say. */
function valueOf(field, properties) {
  const value = lang === "en" && field.en && properties[field.en] ? properties[field.en] : properties[field.name];
  if (value === undefined || value === null || value === "") return insteadOf(field, properties);
  if (field.type === "codes") return listed(field, value);
  if (field.type === "boolean") return value ? say.yes : say.no;
  if (field.type === "date") return dates.format(new Date(`${value}T00:00:00Z`));
  if (typeof value === "number") return measured(numbers.format(value), field.unit);
  return field.codes[value]?.[lang] ?? String(value);
}

/** A number as it is written, and its unit: the one of 1 after 1. */
function measured(written, unit) {
  return unit ? `${written} ${unit[written === "1" ? "one" : "many"][lang]}` : written;
}

/** The band or, without one, the status of a field that has no value. */
function insteadOf(field, properties) {
  for (const { name, codes } of field.companions) {
    if (properties[name] !== undefined) return codes[properties[name]]?.[lang] ?? String(properties[name]);
  }
  return null;
}

function listed(field, value) {
  const codes = typeof value === "string" ? JSON.parse(value) : value;
  return codes.map((code) => field.codes[code]?.[lang] ?? code).join(", ") || null;
}
