// Elements from plain data. Text is always a text node: nothing here reads HTML.

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** A paragraph that warns; null if there is nothing to say. */
export function notice(text) {
  return text ? element("p", { class: "notice" }, text) : null;
}

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** Draw the mark of a legend row: a plain, hatched (lines, cross) or stippled box, or a dot. */
export function swatch(kind, colour, outline = "#5c6f82") {
  const svg = shape("svg", { viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" });
  svg.classList.add("swatch");
  if (kind === "point") {
    svg.append(shape("circle", { cx: 12, cy: 8, r: 6, fill: colour, stroke: outline, "stroke-width": 1.5 }));
    return svg;
  }
  const fill = kind === "stipple" ? "#ffffff" : colour;
  svg.append(shape("rect", { x: 0.5, y: 0.5, width: 23, height: 15, fill, stroke: "#5c6f82" }));
  const rising = "M1 11 11 1M5 15 19 1M13 15 23 5";
  if (kind === "lines") svg.append(shape("path", { d: rising, stroke: "#6b7480" }));
  if (kind === "cross") svg.append(shape("path", { d: `${rising}M1 5 11 15M5 1 19 15M13 1 23 11`, stroke: "#c9ced4" }));
  if (kind === "stipple") {
    for (const [cx, cy] of [[6, 5], [12, 11], [18, 5]]) svg.append(shape("circle", { cx, cy, r: 1.6, fill: "#17324d" }));
  }
  return svg;
}
