// What is asked, with every rule, as the page was made with it.

const FORM = JSON.parse(document.getElementById("form-data").textContent);
const PLACES = unpackedPlaces(FORM);

// What every check would otherwise make anew.
for (const question of FORM.questions) {
  const listed = question.known ?? question.options?.map(([code]) => code);
  question.codes = listed ? new Set(listed) : null;
  question.shape = question.pattern ? new RegExp(`^(?:${question.pattern})$`, "u") : null;
}
const SIGNS = FORM.signs.map(([what, pattern]) => [what, new RegExp(pattern, "u")]);
const HONEST = FORM.honest.map((pattern) => new RegExp(pattern, "gu"));
const FORMULA = new RegExp(FORM.formula, "u");
const SECRET_NAME = FORM.reserved && new RegExp(FORM.reserved.name, "u");
const CALLED = new RegExp(`^(?:${FORM.called})$`, "u");
