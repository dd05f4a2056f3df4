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
