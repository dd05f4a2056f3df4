// What a page does inside another site: it tells its height, and whether it is an error page.

const framed = window.self !== window.top;
const stacked = matchMedia("(max-width: 55.99rem)");

if (framed) {
  document.body.dataset.framed = "true";
  const failed = document.body.dataset.error;
  if (failed) parent.postMessage({ type: "atlante:error", text: failed }, "*");
  new ResizeObserver(tellHeight).observe(document.body);
  stacked.addEventListener("change", tellHeight);
} else {
  document.querySelector("base")?.removeAttribute("target"); // nothing is around it to be lost
}

// Side by side, the panel scrolls in itself, and any height will do.
function tellHeight() {
  const height = stacked.matches || document.body.dataset.error ? document.documentElement.offsetHeight : 0;
  parent.postMessage({ type: "atlante:height", height }, "*");
}
