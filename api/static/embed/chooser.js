// The form that chooses the layer, the category and the points, and the legend that follows it.

import { element, notice, swatch } from "./dom.js";
import { titleOf } from "./layers.js";
import { lang, say } from "./strings.js";

/** Build the form; `onChange` is told after `state` has changed. */
export function buildChooser(form, config, state, onChange) {
  const category = element("div", { class: "field" });
  form.replaceChildren(
    group(say.layers, config.areas.map((area) => option("radio", "layer", area, area === state.area, () => {
      state.area = area;
      state.choice = area.choices[0];
      showCategories(category, state, onChange);
      onChange();
    }))),
    category,
    group(say.on_top, config.points.map((point) => option("checkbox", point.id, point, state.points.has(point.id), (on) => {
      if (on) state.points.add(point.id);
      else state.points.delete(point.id);
      onChange();
    }))),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  showCategories(category, state, onChange);
  form.hidden = false;
}

function group(title, options) {
  return element("fieldset", {}, element("legend", {}, title), ...options);
}

function option(type, name, layer, checked, onInput) {
  const input = element("input", { type, name, value: layer.id, checked });
  input.addEventListener("change", () => onInput(input.checked));
  const mark = type === "checkbox" ? swatch("point", layer.choices[0].rows[0].colour, layer.outline) : null;
  return element("label", {}, input, mark, element("span", {}, titleOf(layer)));
}

function showCategories(box, state, onChange) {
  box.hidden = state.area.choices.length < 2;
  if (box.hidden) return box.replaceChildren();
  const select = element("select", { id: "category" }, ...state.area.choices.map((choice) =>
    element("option", { value: choice.field, selected: choice === state.choice }, choice.title[lang])));
  select.addEventListener("change", () => {
    state.choice = state.area.choices.find((choice) => choice.field === select.value);
    onChange();
  });
  box.replaceChildren(element("label", { for: "category" }, say.category), select);
}

/** Show the rows of the chosen layer, its unit of reading and its warnings. */
export function showLegend(box, state) {
  const { area, choice } = state;
  const rows = choice.rows.map((row) =>
    element("li", {}, swatch(row.hatch, row.colour), row.title[lang]));
  if (area.unreliable) rows.push(element("li", {}, swatch("stipple"), say.unreliable_row));
  box.replaceChildren(...[
    element("p", {}, choice.alone ? choice.legend[lang] : `${choice.legend[lang]}: ${choice.title[lang]}`),
    element("ul", {}, ...rows),
    notice(say.synthetic[area.synthetic]),
    element("details", {}, element("summary", {}, titleOf(area)), element("p", {}, area.description[lang])),
  ].filter((node) => node !== null));
}

/** Keep the table beside the layer it belongs to; for another layer, say where its table is. */
export function showTable(config, state) {
  const own = state.area === config.areas[0];
  const table = document.getElementById("table");
  const elsewhere = document.getElementById("elsewhere");
  if (table) table.hidden = !own;
  elsewhere.hidden = own;
  elsewhere.replaceChildren(`${say.elsewhere} `,
    element("a", { href: `${state.area.table}?f=html&lang=${lang}` }, titleOf(state.area)), ".");
}
