// The line above the map that says what is going on; it stays until that is no longer so.

const line = () => document.getElementById("state");

export function tell(text) {
  line().textContent = text;
  line().hidden = false;
}

/** Take back one of these messages, if it is the one that stands there. */
export function hush(...texts) {
  if (texts.includes(line().textContent)) line().hidden = true;
}
